"""What a ticket of the reference model is made of."""

from dataclasses import dataclass, field
from typing import Any

FINAL = ("completed", "vetoed", "withdrawn")
PEOPLE = ("approval", "confirm")
STANDING = {"asleep", "pending", "approved", "confirmed"}


class Refused(Exception):
    """The model says no. Where the specification names no code, several are right."""

    def __init__(self, *codes: str) -> None:
        super().__init__(*codes)
        self.codes = set(codes)


@dataclass(eq=False)
class Seat:
    """One person's place at a node.

    state: asleep (not asked yet), pending, approved, confirmed, cut (its node was closed over it), and what is no seat
    any more: transferred, cancelled, returned, vetoed, passed (had signed the same content before). signer: whose hand
    it was; content: and what number of content it signed. kept: in an earlier round. due: until when.
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
    """The token at a node. state: open, done, skipped (nobody had to act), closed. alarms: when it is looked at.

    later: the nodes to come back to when it is done; what lies between is done already.
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
        """Whom it waits for."""
        return [seat for seat in self.seats if seat.state == "pending"]

    def base(self) -> list[Seat]:
        """The seats that the template made, or their heirs."""
        return [seat for seat in self.standing() if seat.added_to is None]

    def sitting(self) -> set[str]:
        """Who has a place here; nobody has two (I4)."""
        return {seat.who for seat in self.seats if seat.state in STANDING or seat.state == "passed"}

    def signers(self) -> set[str]:
        """Who has signed here, for himself or for another (I4)."""
        return {seat.signer for seat in self.seats if seat.state in ("approved", "confirmed")}

    def complete(self, seat: Seat) -> bool:
        """Whether a seat has signed, and everybody who was added to it."""
        added = [other for other in self.standing() if other.added_to is seat]
        return seat.state in ("approved", "confirmed") and all(self.complete(other) for other in added)


def minutes(duration: str) -> int:
    """30m, 4h."""
    return int(duration[:-1]) * {"m": 1, "h": 60}[duration[-1]]
