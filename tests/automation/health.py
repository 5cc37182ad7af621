"""Give an action a health check: an action of the tests, or a shipped one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from automation.actions.document import load_action
from automation.actions.library import library

CHANGE = "database.run_change"
LOOK, SLOW = "service.status", "test.sleep"
RUNS = {"action": LOOK, "params": {"service": "{database}", "watch_s": 0}}
SLEEPS = {"action": SLOW, "params": {"seconds": "61"}}


@contextmanager
def checked_by(step: dict[str, Any], of: str = CHANGE, **more: Any) -> Iterator[None]:
    """Within the block, the action `of` has this health check. more: changed attributes of the check's action."""
    shipped = library().shipped
    slow = load_action(Path(__file__).parent / "library" / SLOW)
    check = shipped.get(step["action"], slow)
    given = {SLOW: slow, check.key: replace(check, **more), of: replace(shipped[of], health_check=step)}
    with patch.dict(shipped, given):
        yield


def put_down(hosts: Path, host: str, service: str = "orders") -> Path:
    """Stop a service on a demo host; delete the returned file to start it."""
    down = hosts / host / f"run/baton/{service}.down"
    down.parent.mkdir(parents=True, exist_ok=True)
    down.touch()
    return down
