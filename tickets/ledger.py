"""Who was asked and who said yes, read from the audit trail alone: what the executor believes (I13).

Rows may have been changed by whoever can write to the database; the trail is chained by a key it does not hold.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from tickets.events import Kind
from tickets.models import Event
from tickets.quorum import Vote

Visit = tuple[str, int]


@dataclass
class Asked:
    """One person's seat at one visit. actor, digest: of his yes."""

    added_to: str | None = None
    actor: int | None = None
    digest: str = ""


@dataclass
class Entry:
    """One visit. everybody: usernames ever asked, also those whose seat was handed on. seats: those that count.

    passed: the system let it pass and said why. strangers: who changed seats without holding the one it took, which
    only rows that were changed behind the engine's back make possible.
    """

    everybody: set[str] = field(default_factory=set)
    seats: dict[str, Asked] = field(default_factory=dict)
    passed: bool = False
    strangers: list[str] = field(default_factory=list)

    def votes(self, standing: Iterable[str]) -> list[Vote]:
        """The seats as they count, yeses on other contents being none."""
        stands = set(standing)
        return [
            Vote(name, seat.added_to, seat.actor is not None and seat.digest in stands)
            for name, seat in self.seats.items()
        ]

    def actors(self, standing: Iterable[str]) -> set[int]:
        """The different people who said yes."""
        stands = set(standing)
        return {seat.actor for seat in self.seats.values() if seat.actor is not None and seat.digest in stands}

    def require(self, name: str, added_to: str | None = None) -> bool:
        """Whether this one holds a seat here, given by that one if named; else he is a stranger."""
        seat = self.seats.get(name)
        holds = seat is not None and added_to in (None, seat.added_to)
        if not holds:
            self.strangers.append(name)
        return holds

    def leave(self, name: str, heir: str | None = None) -> None:
        """A seat is handed on, to `heir`, or given up; signatures added to it are added to the heir."""
        self.seats.pop(name, None)
        for other in [key for key, seat in self.seats.items() if seat.added_to == name]:
            if heir is None:
                self.leave(other)
            else:
                self.seats[other].added_to = heir


Ledger = dict[Visit, Entry]


def read(trail: Iterable[Event]) -> Ledger:
    """The ledger of a ticket's events, in their order."""
    ledger: Ledger = {}
    for event in trail:
        turn = TURNS.get(event.kind)
        if turn is not None or event.kind == Kind.TASK_KEPT:
            entry = ledger.setdefault((event.data["node"], event.data["round"]), Entry())
            if turn is not None:
                turn(entry, event)
            else:
                _kept(entry, event, ledger)
    return ledger


def _kept(entry: Entry, event: Event, ledger: Ledger) -> None:
    """Seats of earlier rounds whose yes counts here: who said it, and to what, is as it was written down then."""
    for seat in event.data["assignees"]:
        earlier = ledger.get((event.data["node"], seat["round"]), Entry()).seats.get(seat["username"])
        if earlier is None or earlier.actor is None:
            entry.strangers.append(seat["username"])
        else:
            entry.everybody.add(seat["username"])
            entry.seats[seat["username"]] = replace(earlier)


def _assigned(entry: Entry, event: Event) -> None:
    for name in event.data.get("gone", ()):
        entry.leave(name)
    for seat in (*event.data["assignees"], *event.data.get("later", ())):
        entry.everybody.add(seat["username"])
        entry.seats.setdefault(seat["username"], Asked(added_to=seat.get("added_to")))


def _signs_added(entry: Entry, event: Event) -> None:
    entry.require(event.data["assignee"])
    for name in event.data["users"]:
        entry.seats.setdefault(name, Asked(added_to=event.data["assignee"]))


def _signs_removed(entry: Entry, event: Event) -> None:
    for name in event.data["users"]:
        if entry.require(name, added_to=event.data["assignee"]):
            entry.leave(name)


def _transferred(entry: Entry, event: Event) -> None:
    """The heirs themselves are said by the `task.assigned` that follows."""
    users = event.data["users"]
    entry.require(event.data["assignee"])
    before = entry.seats.get(event.data["assignee"], Asked())
    for name in users:
        entry.seats[name] = Asked(added_to=before.added_to)
    entry.leave(event.data["assignee"], users[0] if users else None)


def _taken_away(entry: Entry, event: Event) -> None:
    """By an administrator or a timer: `from` gives way to `users`."""
    leaving, users = event.data["from"], event.data["users"]
    for name in leaving:
        entry.require(name)
    above = next((entry.seats[name].added_to for name in leaving if name in entry.seats), None)
    for name in users:
        entry.seats.setdefault(name, Asked(added_to=above))
    for name in leaving:
        entry.leave(name, users[0] if users else None)


def _approved(entry: Entry, event: Event) -> None:
    seat = entry.seats.get(event.data["assignee"])
    if seat is not None:
        seat.actor, seat.digest = event.actor_id, event.data["digest"]


def _passed(entry: Entry, event: Event) -> None:
    entry.passed = entry.passed or "assignees" not in event.data


TURNS: dict[str, Callable[[Entry, Event], None]] = {
    Kind.TASK_ASSIGNED: _assigned,
    Kind.TASK_SIGN_ADDED: _signs_added,
    Kind.TASK_SIGN_REMOVED: _signs_removed,
    Kind.TASK_TRANSFERRED: _transferred,
    Kind.TASK_REASSIGNED: _taken_away,
    Kind.TASK_ESCALATED: _taken_away,
    Kind.TASK_APPROVED: _approved,
    Kind.TASK_PASSED: _passed,
}
