"""Distribute tests among processes (`pytest -n 3`): slow ones first, those with shared servers together.

A worker gets whole files. All files of the folders in TOGETHER with the same name go to one worker, because they share
a session fixture that starts slowly: a house, a Salt master, a browser with the sandbox.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = {"e2e": "house", "faults": "house", "salt": "salt", "sandbox": "sandbox"}
APART = {"tests/e2e/test_automation_salt.py"}  # has a house of its own: another worker runs it meanwhile
FIRST = ("e2e", "faults", "salt", "automation")


class ByPlace(LoadScopeScheduling):  # type: ignore[misc]
    """Distribute files, or whole folders, in the order of collection."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file in APART else TOGETHER.get(folder_of(file), file)


def folder_of(path: str) -> str:
    """tests/salt/test_runs.py → salt."""
    return path.split("/")[1]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByPlace:
    """Distribute by place, whatever `--dist` says."""
    config.option.loadscopereorder = False
    return ByPlace(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start slow tests first; otherwise the last worker would still run them when the others have ended."""

    def turn(item: pytest.Item) -> int:
        folder = folder_of(item.nodeid)
        return FIRST.index(folder) if folder in FIRST else len(FIRST)

    items.sort(key=turn)
