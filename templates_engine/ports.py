"""What templates need from the apps above; these apps register it at start-up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from accounts.models import User
from accounts.organisation.people import Person
from common.errors import Problem
from templates_engine.language.expressions import Facts
from templates_engine.text import Text


@dataclass(frozen=True)
class ActionInfo:
    """One action as a template author needs it. params: JSON Schema of the parameter object; risk: low or high.

    has_rollback: whether it has its own rollback. outputs: name → JSON Schema of what it gives to later stages.
    dry_run: required, offered or none.
    usable_by: who may use it, rules as in a template's `visible_to`; empty for everyone.
    """

    key: str
    name: Text
    params: dict[str, Any]
    is_read_only: bool
    needs_targets: bool
    has_rollback: bool
    risk: str
    dry_run: str = "none"
    usable_by: tuple[Any, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)


class ActionCatalogue(Protocol):
    """The actions that automation nodes may name."""

    def get(self, key: str) -> ActionInfo | None:
        """This action, or None if there is none."""
        ...

    def keys(self) -> list[str]:
        """All keys, sorted."""
        ...


_catalogue: ActionCatalogue | None = None


def provide_actions(catalogue: ActionCatalogue) -> None:
    """Register the catalogue (called by automation at start-up)."""
    global _catalogue  # noqa: PLW0603 (a plug, set once)
    _catalogue = catalogue


def actions() -> ActionCatalogue:
    """The catalogue. Raises RuntimeError if none is registered."""
    if _catalogue is None:
        raise RuntimeError("No action catalogue is registered: is the automation app installed?")
    return _catalogue


Preview = Callable[[Any, Any], tuple[list[dict[str, Any]], Sequence[Problem]]]
_preview: Preview | None = None


def provide_preview(previewer: Preview) -> None:
    """Register the function that renders plans for a form that is not submitted yet (called by tickets at start-up)."""
    global _preview  # noqa: PLW0603 (a plug, set once)
    _preview = previewer


def preview() -> Preview:
    """(program, facts) → (plans with their descriptions, findings about what an action would refuse).

    Raises RuntimeError if none is registered.
    """
    if _preview is None:
        raise RuntimeError("No plan preview is registered: is the tickets app installed?")
    return _preview


@dataclass(frozen=True)
class Past:
    """One submitted ticket with its last content. chosen: node → usernames that its applicant chose."""

    number: str
    facts: Facts
    applicant: Person
    version_id: int
    chosen: dict[str, list[str]]


class History(Protocol):
    """A query for past tickets, provided by `tickets`."""

    def __call__(self, key: str, last: int, viewer: User | None) -> list[Past]:
        """The last submitted tickets of this template that `viewer` may see, newest first; at most `last`.

        viewer None sees all: the command line, which only an operator of the server can use.
        """
        ...


_history: History | None = None


def provide_history(history: History) -> None:
    """Register the query (called by tickets at start-up)."""
    global _history  # noqa: PLW0603 (a plug, set once)
    _history = history


def past_tickets() -> History:
    """The query for past tickets. Raises RuntimeError if none is registered."""
    if _history is None:
        raise RuntimeError("No query for past tickets is registered: is the tickets app installed?")
    return _history


_webhook_check: Callable[[str], str] | None = None


def provide_webhook_check(check: Callable[[str], str]) -> None:
    """Register the check of webhook URLs (called by notify at start-up)."""
    global _webhook_check  # noqa: PLW0603 (a plug, set once)
    _webhook_check = check


def webhook_problem(url: str) -> str:
    """Why a webhook to this URL is not allowed; "" if it is. Raises RuntimeError if no check is registered."""
    if _webhook_check is None:
        raise RuntimeError("No check of webhooks is registered: is the notify app installed?")
    return _webhook_check(url)
