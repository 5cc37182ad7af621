"""One node on the path of a ticket, with its people."""

from dataclasses import dataclass, field
from typing import Any

from accounts.organisation.people import Person
from templates_engine.approvers import Seating
from templates_engine.program.program import Within


@dataclass
class Step:
    """One node on the path. seating: the assignees of approval and confirm; told: the recipients of cc.

    within: the fork branches that contain it, outermost first. choose: the applicant chooses who acts there;
    is_undecided until they have.
    """

    node: str
    type: str
    name: Any
    seating: Seating = field(default_factory=Seating)
    told: list[Person] = field(default_factory=list)
    within: Within = ()
    choose: bool = False
    is_undecided: bool = False
