"""Fixtures of automation: a data folder of one's own, demo hosts, people."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from accounts.models import User
from automation.demo import load_hosts
from tests.automation.world import make_people


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings) -> Path:
    """BATON_HOME for one test."""
    settings.HOME, settings.AUTOMATION_HOME = tmp_path, tmp_path / "automation"
    settings.JOURNAL_DIR = str(tmp_path / "journal")
    return tmp_path


@pytest.fixture
def people() -> dict[str, User]:
    """The cast."""
    return make_people()


@pytest.fixture
def hosts(home: Path) -> Iterator[Path]:
    """demo-01 to demo-03; answers the folder that holds theirs."""
    load_hosts()
    return home / "hosts"


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Polls until it is true; fails after 30 s."""

    def wait(is_true: Callable[[], object]) -> None:
        deadline = time.monotonic() + 30
        while not is_true():
            assert time.monotonic() < deadline, "it never became true"
            time.sleep(0.05)

    return wait
