"""Ledger: who was asked and who said yes, read from the audit trail only; the executor relies on it (I13).

Whoever can write to the database may have changed rows; the trail is chained with a key that is not in the database.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from tickets.models import Event
from tickets.rules.quorum import Vote
from tickets.trail.events import Kind

Visit = tuple[str, int]


@dataclass
class Asked:
    """One person's seat at one visit. actor, digest: of their yes."""

    added_to: str | None = None
    actor: int | None = None
    digest: str = ""


@dataclass
class Entry:
    """One visit. everybody: all usernames ever asked, also those whose seat was handed on. seats: those that count.

    passed: the system passed the node, with a recorded reason. strangers: names used in seat changes that held no such
    seat, which happens only if rows were changed outside the engine.
    """

    everybody: set[str] = field(default_factory=set)
    seats: dict[str, Asked] = field(default_factory=dict)
    passed: bool = False
    strangers: list[str] = field(default_factory=list)

    def votes(self, standing: Iterable[str]) -> list[Vote]:
        """The seats as votes; a yes to another content does not count."""
        stands = set(standing)
        return [
            Vote(name, seat.added_to, seat.actor is not None and seat.digest in stands)
            for name, seat in self.seats.items()
        ]

    def actors(self, standing: Iterable[str]) -> set[int]:
        """The ids of the different people who said yes."""
        stands = set(standing)
        return {seat.actor for seat in self.seats.values() if seat.actor is not None and seat.digest in stands}

    def require(self, name: str, added_to: str | None = None) -> bool:
        """Whether `name` holds a seat here, added to `added_to` if given; if not, records a stranger."""
        seat = self.seats.get(name)
        holds = seat is not None and added_to in (None, seat.added_to)
        if not holds:
            self.strangers.append(name)
        return holds

    def leave(self, name: str, heir: str | None = None) -> None:
        """Remove a seat, handed on to `heir` or given up. Signatures added to it move to the heir, or are removed."""
        self.seats.pop(name, None)
        for other in [key for key, seat in self.seats.items() if seat.added_to == name]:
            if heir is None:
                self.leave(other)
            else:
                self.seats[other].added_to = heir


Ledger = dict[Visit, Entry]


def read(trail: Iterable[Event]) -> Ledger:
    """The ledger of a ticket's events, which must be in order."""
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
    """Copy seats of earlier rounds whose yes counts here, with the recorded actor and digest."""
    kept = Kind.TASK_KEPT.of(event)
    for seat in kept["assignees"]:
        earlier = ledger.get((kept["node"], seat["round"]), Entry()).seats.get(seat["username"])
        if earlier is None or earlier.actor is None:
            entry.strangers.append(seat["username"])
        else:
            entry.everybody.add(seat["username"])
            entry.seats[seat["username"]] = replace(earlier)


def _assigned(entry: Entry, event: Event) -> None:
    said = Kind.TASK_ASSIGNED.of(event)
    for name in said.get("gone", ()):
        entry.leave(name)
    for seat in (*said["assignees"], *said.get("later", ())):
        entry.everybody.add(seat["username"])
        entry.seats.setdefault(seat["username"], Asked(added_to=seat.get("added_to")))


def _signs_added(entry: Entry, event: Event) -> None:
    said = Kind.TASK_SIGN_ADDED.of(event)
    entry.require(said["assignee"])
    for name in said["users"]:
        entry.seats.setdefault(name, Asked(added_to=said["assignee"]))


def _signs_removed(entry: Entry, event: Event) -> None:
    said = Kind.TASK_SIGN_REMOVED.of(event)
    for name in said["users"]:
        if entry.require(name, added_to=said["assignee"]):
            entry.leave(name)


def _transferred(entry: Entry, event: Event) -> None:
    """The following `task.assigned` names the new assignees again."""
    said = Kind.TASK_TRANSFERRED.of(event)
    users = said["users"]
    entry.require(said["assignee"])
    before = entry.seats.get(said["assignee"], Asked())
    for name in users:
        entry.seats[name] = Asked(added_to=before.added_to)
    entry.leave(said["assignee"], users[0] if users else None)


def _taken_away(entry: Entry, event: Event) -> None:
    """By an administrator or a timer: `users` replace `from`."""
    said = Kind.TASK_ESCALATED.of(event)  # what a timer and an administrator say alike
    leaving, users = said["from"], said["users"]
    for name in leaving:
        entry.require(name)
    above = next((entry.seats[name].added_to for name in leaving if name in entry.seats), None)
    for name in users:
        entry.seats.setdefault(name, Asked(added_to=above))
    for name in leaving:
        entry.leave(name, users[0] if users else None)


def _approved(entry: Entry, event: Event) -> None:
    said = Kind.TASK_APPROVED.of(event)
    seat = entry.seats.get(said["assignee"])
    if seat is not None:
        seat.actor, seat.digest = event.actor_id, said["digest"]


def _passed(entry: Entry, event: Event) -> None:
    entry.passed = entry.passed or "assignees" not in Kind.TASK_PASSED.of(event)


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
