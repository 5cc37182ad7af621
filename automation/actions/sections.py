"""What checks the `run:` section of an action: one check for each executor; executors register it at start-up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from automation.actions.files import Files


@dataclass(frozen=True)
class Draft:
    """An action that is being checked. run: its section; params: the properties of its parameter schema."""

    run: dict[str, Any]
    files: Files
    params: Mapping[str, Any]
    dry_run: str


# Raises ValueError with a one-line reason that begins with the wrong key, if there is one: `run.playbook: …`.
SectionCheck = Callable[[Draft], None]

_checks: dict[str, SectionCheck] = {}


def provide_sections(checks: Mapping[str, SectionCheck]) -> None:
    """Register the checks, by executor."""
    _checks.update(checks)


def check_of(executor: str) -> SectionCheck | None:
    """The check of this executor's sections; None if there is no such executor here."""
    return _checks.get(executor)
