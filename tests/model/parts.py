"""The parts of a ticket in the reference model."""

from dataclasses import dataclass, field
from typing import Any

FINAL = ("completed", "vetoed", "withdrawn")
PEOPLE = ("approval", "confirm")
STANDING = {"asleep", "pending", "approved", "confirmed"}


class Refused(Exception):
    """The model refuses. If the specification names no code, several are correct."""

    def __init__(self, *codes: str) -> None:
        super().__init__(*codes)
        self.codes = set(codes)


@dataclass(eq=False)
class Seat:
    """One person's seat at a node.

    state: asleep (not asked yet), pending, approved, confirmed, cut (its node was closed); no longer seats:
    transferred, cancelled, returned, vetoed, passed (has signed the same content before). signer: who signed.
    content: the number of the content they signed. kept: signed in an earlier round. due: the deadline.
    """

    who: str
    state: str = "pending"
    added_to: "Seat | None" = None
    position: str = ""
    signer: str = ""
    content: int = 0
    kept: bool = False
    due: int | None = None


@dataclass(eq=False)
class Visit:
    """The token at a node. state: open, done, skipped (nobody had to act), closed. alarms: when timers fire.

    later: the nodes to come back to when it is done; nodes in between are already done.
    """

    node: str
    type: str
    round: int
    state: str = "open"
    seats: list[Seat] = field(default_factory=list)
    later: set[str] = field(default_factory=set)
    arrived: set[int] = field(default_factory=set)
    job: str = ""
    began: bool = False
    alarms: set[int] = field(default_factory=set)
    children: list[Any] = field(default_factory=list)
    heard: int = 0

    def standing(self) -> list[Seat]:
        """The seats that count, asked or not."""
        return [seat for seat in self.seats if seat.state in STANDING]

    def pending(self) -> list[Seat]:
        """The pending seats."""
        return [seat for seat in self.seats if seat.state == "pending"]

    def base(self) -> list[Seat]:
        """The seats made by the template, or their successors."""
        return [seat for seat in self.standing() if seat.added_to is None]

    def sitting(self) -> set[str]:
        """The people with a seat here; nobody has two (I04)."""
        return {seat.who for seat in self.seats if seat.state in STANDING or seat.state == "passed"}

    def signers(self) -> set[str]:
        """The people who have signed here, for themselves or for others (I04)."""
        return {seat.signer for seat in self.seats if seat.state in ("approved", "confirmed")}

    def complete(self, seat: Seat) -> bool:
        """Whether this seat and all signatures added to it have signed."""
        added = [other for other in self.standing() if other.added_to is seat]
        return seat.state in ("approved", "confirmed") and all(self.complete(other) for other in added)


def minutes(duration: str) -> int:
    """Minutes of a duration such as 30m or 4h."""
    return int(duration[:-1]) * {"m": 1, "h": 60}[duration[-1]]
