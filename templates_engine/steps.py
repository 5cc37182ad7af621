"""A node on the way of a ticket, with its people."""

from dataclasses import dataclass, field
from typing import Any

from accounts.people import Person
from templates_engine.approvers import Seating
from templates_engine.program import Within


@dataclass
class Step:
    """One node on the way. seating: who acts, for approval and confirm; told: who hears, for cc.

    within: the branches of forks it stands in, outermost first. choose: the applicant says who acts there; undecided
    while he has not.
    """

    node: str
    type: str
    name: Any
    seating: Seating = field(default_factory=Seating)
    told: list[Person] = field(default_factory=list)
    within: Within = ()
    choose: bool = False
    is_undecided: bool = False
