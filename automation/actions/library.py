"""All actions, by key and version. A ticket names an action; it never contains one (A29).

Actions that ship with Baton are read from a folder at the start. Actions of an operations team, and versions that
shipped earlier, are in the database. The database decides which version of a key new tickets use
(automation.actions.shelf); for a key that is not in the database, the shipped version is used.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from automation.actions.cross import cross_problems
from automation.actions.document import Action, LibraryError, load_action
from automation.actions.files import is_version
from automation.actions.shelf import Shelf
from templates_engine.ports import ActionInfo
from templates_engine.text import localize
from tickets.models.content import Plan, PlanStep

LIBRARY = Path(__file__).resolve().parent.parent / "library"


class Library:
    """All actions; also the catalogue for template checks (templates_engine.ports)."""

    def __init__(self, shipped: Mapping[str, Action], shelf: Shelf) -> None:
        self.shipped, self.shelf = shipped, shelf

    def action(self, key: str, version: str | None = None) -> Action | None:
        """This version of an action in any state; without `version`, the one released for new tickets; or None.

        version: the whole content hash, or the 12 digits that plans of earlier releases store.
        """
        own = self.shipped.get(key)
        if version is not None:
            return own if own and is_version(own.version, version) else self.shelf.find(key, version)
        released = self.shelf.released().get(key)
        if released is None:
            return own
        return self.action(key, released) if released else None

    def is_known(self, key: str) -> bool:
        """Whether any version is stored, even one that is not released."""
        return key in self.shipped or key in self.shelf.released()

    def all(self) -> list[Action]:
        """Every action that new tickets may use, by key."""
        names = sorted({*self.shipped, *self.shelf.released()})
        return [action for action in map(self.action, names) if action is not None]

    def get(self, key: str) -> ActionInfo | None:
        """For template checks: the released version of this action, or None."""
        action = self.action(key)
        return action.info() if action else None

    def keys(self) -> list[str]:
        """For template checks: all keys that new tickets may use, sorted."""
        return [action.key for action in self.all()]


@cache
def shipped() -> dict[str, Action]:
    """The actions that ship with Baton, read from their folder, by key. Raises LibraryError."""
    folders = sorted(path for path in LIBRARY.iterdir() if path.is_dir())
    found = {folder.name: load_action(folder) for folder in folders}
    for action in found.values():
        for key, what in cross_problems(action, found.get, list(found)):
            raise LibraryError(f"{action.key}/action.yaml {key}: {localize(what)}")
    return found


@cache
def library() -> Library:
    """The actions of this installation. Raises LibraryError."""
    return Library(shipped(), Shelf())


def action_of(plan: Plan | PlanStep) -> Action | None:
    """The version that a plan names, whatever is released now; None if it is not stored."""
    return library().action(plan["action"], plan["version"])
