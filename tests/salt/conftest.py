"""A real Salt for the session: a master, two minions and salt-api with TLS, on loopback, run by the current user."""

import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest

from automation.executors.salt import client, rounds
from automation.executors.salt.api_connection import Account, SaltApiError
from automation.executors.salt.client import Salt
from automation.models import Host
from sandbox.salt.files import RIGHTS, USER, Plan
from sandbox.salt.fleet import Fleet
from tests.house import free_ports, wait_for
from tests.salt.world import MINIONS

START_S = 120
NARROW = "narrow"  # a user of salt-api with few rights


class Rig(Fleet):
    """A fleet that records whether a test has changed its processes."""

    is_touched = False

    def launch(self, name: str) -> None:
        """Launch a process, and record it."""
        self.is_touched = True
        super().launch(name)

    def signal(self, name: str, number: int) -> None:
        """Signal a process, and record it."""
        self.is_touched = True
        super().signal(name, number)


def account_of(fleet: Fleet) -> Account:
    """The account with which Baton logs in there."""
    given = fleet.plan.environment()
    names = ("URL", "USERNAME", "PASSWORD", "EAUTH", "CA")
    return Account(*(given[f"SALT_API_{name}"] for name in names))


def present(fleet: Fleet, minions: Collection[str] = MINIONS) -> set[str]:
    """The minions among these that answer now."""
    salt = Salt(account_of(fleet))
    try:
        salt.log_in()
        return set(salt.running(list(minions), "20000101000000000000"))
    except SaltApiError:
        return set()


@pytest.fixture(scope="session")
def rig() -> Iterator[Rig]:
    """Started once; a test that kills a process starts it again."""
    folder = Path(tempfile.mkdtemp(prefix="baton-salt-"))
    rights = {USER: RIGHTS, NARROW: [{MINIONS[0]: ["test.*"]}, "@jobs"]}
    fleet = Rig(Plan(folder, free_ports(3), MINIONS, rights=rights, more={"token_expire_user_override": True}))
    fleet.start()
    try:
        wait_for(lambda: present(fleet) == set(MINIONS), "Salt with both minions", START_S)
        yield fleet
    finally:
        fleet.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def fleet(rig: Rig, settings) -> Iterator[Rig]:
    """The rig, entered in the settings; repaired afterwards."""
    for name, value in rig.plan.environment().items():
        setattr(settings, name, value)
    rig.is_touched = False
    yield rig
    if not rig.is_touched:
        return
    for name in rig.ended():
        rig.launch(name)
    wait_for(lambda: present(rig) == set(MINIONS), "Salt with both minions again", START_S)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings) -> Path:
    """BATON_HOME for one test."""
    settings.HOME, settings.AUTOMATION_HOME = tmp_path, tmp_path / "automation"
    return tmp_path


@pytest.fixture
def impatient(monkeypatch) -> None:
    """Treat silence as unknown after seconds instead of a minute."""
    monkeypatch.setattr(rounds, "PROBE_S", 1.0)
    monkeypatch.setattr(rounds, "SILENT_S", 6.0)
    monkeypatch.setattr(client, "PROBE_S", 1)


@pytest.fixture
def hosts() -> None:
    """Two hosts reached by Salt."""
    for minion in MINIONS:
        Host.objects.create(name=f"web-{minion}", connection="salt", minion=minion)


@pytest.fixture
def eventually() -> Callable[[Callable[[], object], str], object]:
    """Polls until the condition is true; fails after a minute."""
    return lambda found, what: wait_for(found, what, 60)
