"""What an executor says about itself, for those who check, plan and show actions. Executors register at start-up."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from automation.actions.files import Files
from automation.models.host import Connection
from templates_engine.text import Text


@dataclass(frozen=True)
class Draft:
    """An action that is being checked. run: its section; params: the properties of its parameter schema."""

    run: dict[str, Any]
    files: Files
    params: Mapping[str, Any]
    dry_run: str


class ExecutorKind:
    """One kind of action. `name` is stored in plans, so it never changes.

    label: for people. foresees: it can do dry runs. reaches_by: how it reaches hosts: `salt` by their minion, `ssh` in
    any other way; None if it does not connect to them. All steps of a plan reach them in the same way. is_by_hand:
    people do it, and tick it off. shown_as: the kind of the part (run_input.Part) that shows its section `run`.
    """

    name: ClassVar[str]
    label: ClassVar[Text]
    foresees: ClassVar[bool] = False
    reaches_by: ClassVar[Connection | None] = None
    is_by_hand: ClassVar[bool] = False
    shown_as: ClassVar[str] = "request"

    def check_section(self, draft: Draft) -> None:
        """Check the section `run`. Raises ValueError with a one-line reason that begins with the wrong key, if there
        is one: `run.playbook: …`."""
        raise NotImplementedError

    def beginnings(self, run: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
        """What starts a run, as the page shows it: (kind of run_input.Part, title, JSON value)."""
        if run:
            yield self.shown_as, f"{self.name}: run", run

    def main_file(self, run: Mapping[str, Any]) -> tuple[str, str] | None:  # noqa: ARG002 (for those that have one)
        """The file that is run, shown first: (kind of run_input.Part, path)."""
        return None


_kinds: dict[str, ExecutorKind] = {}


def provide_executors(kinds: Iterable[ExecutorKind]) -> None:
    """Register the executors."""
    _kinds.update((kind.name, kind) for kind in kinds)


def kind_of(name: str) -> ExecutorKind:
    """The executor of this name. Raises KeyError if there is none here."""
    return _kinds[name]


def executor_names() -> list[str]:
    """The names of all executors."""
    return list(_kinds)
