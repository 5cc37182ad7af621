"""What a yes would let run, and how it may therefore be given: seen, and where the risk is high one by one."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from tickets.errors import DigestRequired, OneByOne
from tickets.models import ContentVersion, NodeVisit
from tickets.models.content import Child, Plan
from tickets.ports import planner

FORWARD = ("approve", "confirm")  # the verbs after which something may run; the others stop it
RELEASED = (NodeVisit.State.OPEN, NodeVisit.State.DONE)
RELEASING = ("automation", "subticket")


def released(visits: Iterable[NodeVisit]) -> set[str]:
    """The nodes whose plans or sub-tickets were let go already: no decision that is still open holds them back."""
    return {visit.node for visit in visits if visit.type in RELEASING and visit.state in RELEASED}


def still_to_run(
    plans: Mapping[str, Plan], children: Mapping[str, list[Child]], gone: Collection[str] = ()
) -> list[Plan]:
    """The plans that wait for decisions: a content's own, then its sub-tickets', however deep (I12).

    gone: the nodes that were released already; see `released`.
    """
    waiting = [plan for node, plan in plans.items() if node not in gone]
    for child in (child for node, made in children.items() if node not in gone for child in made):
        waiting += still_to_run(child["plans"], child["children"])
    return waiting


def waiting_plans(content: ContentVersion | None, visits: Iterable[NodeVisit]) -> list[Plan]:
    """What a yes to this content would let run."""
    return still_to_run(content.plans, content.children, released(visits)) if content else []


def is_high(described: Mapping[str, Any]) -> bool:
    """Whether a plan as the planner describes it is of high risk; what is unknown is (I26)."""
    return described.get("risk", "high") == "high"


def is_high_risk(plans: Iterable[Plan]) -> bool:
    """Whether one of these plans is not for a single tap, nor for one yes to many."""
    return any(is_high(planner().describe(plan)) for plan in plans)


def require_seen(content: ContentVersion, visits: Iterable[NodeVisit], digest: str | None) -> None:
    """What a yes among many must bring: the digest that was shown. Raises OneByOne for a high risk, DigestRequired."""
    plans = waiting_plans(content, visits)
    if is_high_risk(plans):
        raise OneByOne
    if plans and digest is None:
        raise DigestRequired
