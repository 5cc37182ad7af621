"""What templates need from the apps above them. They plug themselves in at start-up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from accounts.models import User
from accounts.people import Person
from templates_engine.expressions import Facts
from templates_engine.text import Text


@dataclass(frozen=True)
class ActionInfo:
    """One action as a template author needs it. params: JSON Schema of the parameter object; risk: low or high."""

    key: str
    name: Text
    params: dict[str, Any]
    is_read_only: bool
    needs_targets: bool
    has_rollback: bool
    risk: str


class ActionCatalogue(Protocol):
    """The actions that automation nodes may name."""

    def get(self, key: str) -> ActionInfo | None:
        """This action, or None where there is none."""
        ...

    def keys(self) -> list[str]:
        """All keys, sorted."""
        ...


_catalogue: ActionCatalogue | None = None


def provide_actions(catalogue: ActionCatalogue) -> None:
    """Plug in the catalogue (automation, at start-up)."""
    global _catalogue  # noqa: PLW0603 (a plug, set once)
    _catalogue = catalogue


def actions() -> ActionCatalogue:
    """The catalogue. Raises RuntimeError where nobody plugged one in."""
    if _catalogue is None:
        raise RuntimeError("No actions are plugged in: is the automation app installed?")
    return _catalogue


Preview = Callable[[Any, Any], tuple[list[dict[str, Any]], list[dict[str, Any]]]]
_preview: Preview | None = None


def provide_preview(previewer: Preview) -> None:
    """Plug in what renders plans for a form that is not handed in yet (tickets, at start-up)."""
    global _preview  # noqa: PLW0603 (a plug, set once)
    _preview = previewer


def preview() -> Preview:
    """(program, facts) → (plans with their descriptions, what an action would refuse as findings).

    Raises RuntimeError where nobody plugged one in.
    """
    if _preview is None:
        raise RuntimeError("No plan preview is plugged in: is the tickets app installed?")
    return _preview


@dataclass(frozen=True)
class Past:
    """One ticket that was handed in, as of its last content. chosen: node → usernames that its applicant chose."""

    number: str
    facts: Facts
    applicant: Person
    version_id: int
    chosen: dict[str, list[str]]


class History(Protocol):
    """The tickets there were. Filled in by `tickets`."""

    def __call__(self, key: str, last: int, viewer: User | None) -> list[Past]:
        """The last so many tickets of this template that were handed in, newest first: those that `viewer` may see.

        None sees all: the command line, which only an operator of the server can reach.
        """
        ...


_history: History | None = None


def provide_history(history: History) -> None:
    """Plug in the past (tickets, at start-up)."""
    global _history  # noqa: PLW0603 (a plug, set once)
    _history = history


def past_tickets() -> History:
    """The past. Raises RuntimeError where nobody plugged it in."""
    if _history is None:
        raise RuntimeError("No history is plugged in: is the tickets app installed?")
    return _history


_judge_of_webhooks: Callable[[str], str] | None = None


def provide_judge_of_webhooks(judge: Callable[[str], str]) -> None:
    """Plug in what knows where webhooks may go (notify, at start-up)."""
    global _judge_of_webhooks  # noqa: PLW0603 (a plug, set once)
    _judge_of_webhooks = judge


def webhook_problem(url: str) -> str:
    """Why a webhook to this URL would be given up; "" where it may go there. Raises RuntimeError without a judge."""
    if _judge_of_webhooks is None:
        raise RuntimeError("Nothing judges webhooks: is the notify app installed?")
    return _judge_of_webhooks(url)
