"""What a yes would allow to run, and what it therefore needs: the digest; for high risk, a single decision."""

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
    """The nodes whose plans or sub-tickets are already released: open decisions do not hold them back."""
    return {visit.node for visit in visits if visit.type in RELEASING and visit.state in RELEASED}


def still_to_run(
    plans: Mapping[str, Plan], children: Mapping[str, list[Child]], gone: Collection[str] = ()
) -> list[Plan]:
    """The plans that wait for decisions: a content's own, then those of its sub-tickets, at any depth (I12).

    gone: the nodes already released; see `released`.
    """
    waiting = [plan for node, plan in plans.items() if node not in gone]
    for child in (child for node, made in children.items() if node not in gone for child in made):
        waiting += still_to_run(child["plans"], child["children"])
    return waiting


def waiting_plans(content: ContentVersion | None, visits: Iterable[NodeVisit]) -> list[Plan]:
    """What a yes to this content would allow to run."""
    return still_to_run(content.plans, content.children, released(visits)) if content else []


def is_high(described: Mapping[str, Any]) -> bool:
    """Whether a plan, as described by the planner, is of high risk; an unknown risk counts as high (I26)."""
    return described.get("risk", "high") == "high"


def is_high_risk(plans: Iterable[Plan]) -> bool:
    """Whether one of these plans is of high risk: not to be approved by a single tap or in bulk."""
    return any(is_high(planner().describe(plan)) for plan in plans)


def require_seen(content: ContentVersion, visits: Iterable[NodeVisit], digest: str | None) -> None:
    """Check a yes in bulk: it needs the digest that was shown. Raises OneByOne for high risk, DigestRequired."""
    plans = waiting_plans(content, visits)
    if is_high_risk(plans):
        raise OneByOne
    if plans and digest is None:
        raise DigestRequired
