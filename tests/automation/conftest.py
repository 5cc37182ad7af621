"""Fixtures of automation: a separate data folder, demo hosts, people."""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import User
from automation.background.run import run
from demo.hosts import load_hosts
from tests.automation.farm import Farm, why_not
from tests.automation.world import make_people


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings) -> Path:
    """BATON_HOME for one test."""
    settings.HOME, settings.AUTOMATION_HOME = tmp_path, tmp_path / "automation"
    settings.JOURNAL_DIR = str(tmp_path / "journal")
    return tmp_path


@pytest.fixture
def people() -> dict[str, User]:
    """The test people."""
    return make_people()


@pytest.fixture
def hosts(home: Path) -> Path:
    """Creates demo-01 to demo-03; returns the folder with their files."""
    load_hosts()
    return home / "hosts"


@pytest.fixture
def rings(monkeypatch) -> list[tuple]:
    """Records the bells that are rung; no worker hears them."""
    heard: list[tuple] = []
    monkeypatch.setattr("common.doorbell.ring", lambda *what: heard.append(what))
    return heard


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Polls until the condition is true; fails after 30 s."""

    def wait(is_true: Callable[[], object]) -> None:
        deadline = time.monotonic() + 30
        while not is_true():
            assert time.monotonic() < deadline, "it never became true"
            time.sleep(0.05)

    return wait


@pytest.fixture
def in_thread(db) -> Iterator[Callable[[int], threading.Thread]]:
    """Runs a job in a thread during the test."""
    threads = []

    def start(job_id: int) -> threading.Thread:
        def work() -> None:
            run(job_id)
            connection.close()

        threads.append(threading.Thread(target=work))
        threads[-1].start()
        return threads[-1]

    yield start
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture(scope="session")
def all_machines(tmp_path_factory) -> Iterator[Farm]:
    """Machines for the whole session."""
    if reason := why_not():
        pytest.skip(reason)
    ours = Farm(tmp_path_factory.mktemp("farm"))
    yield ours
    ours.close()


@pytest.fixture
def farm(all_machines: Farm, home: Path, settings) -> Iterator[Farm]:
    """Machines for a test; the executor's folder has a short name, so that SSH connections are shared."""
    with tempfile.TemporaryDirectory(prefix="b") as folder:
        settings.AUTOMATION_HOME = Path(folder)
        yield all_machines
