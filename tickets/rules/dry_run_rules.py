"""Rules for dry runs: what their results mean for decisions. Used by commands, buttons, cards and the executor.

A plan says whether its dry run is `required` or `offered`. The last result is stored in the ticket's row
(`foreseen`) and in its trail (`plan.foreseen`). The result of a required dry run is also part of the content, so it
is covered by the digest that people sign (I05); without it nobody can approve. An offered one blocks nobody: each
decision records which result was there.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from templates_engine.program.program import Program
from templates_engine.program.route import Unplannable
from templates_engine.store.programs import load
from templates_engine.text import Text
from tickets.errors import DryRunFailed, DryRunPending
from tickets.models import ContentVersion, Event, Ticket
from tickets.models.content import Plan
from tickets.rules.circumstances import content_facts
from tickets.rules.ways import way_to
from tickets.states import TicketState
from tickets.trail.events import Kind
from tickets.trail.shapes.runs import PlanForeseen

REQUIRED, OFFERED = "required", "offered"
DONE, FAILED = "done", "failed"
UNDER_WAY = (TicketState.APPROVING, TicketState.EXECUTING, TicketState.FAILED)  # a result can still be used


class Foreseen(TypedDict):
    """Result of one dry run. plan: digest of the plan. state: done or failed. digest: of the whole result.

    summary: {hosts, changed, failed, unforeseen}. words: the same as a sentence, or why it failed.
    """

    plan: str
    state: str
    digest: str
    summary: dict[str, int]
    words: Text


class Signed(TypedDict):
    """A dry run as stored in the content. since: digest of the content before it was added."""

    plan: str
    digest: str
    since: str


def last_of(foreseen: Mapping[str, Foreseen], plan: Plan) -> Foreseen | None:
    """The last dry run of exactly this plan, if any. foreseen: the ticket's."""
    known = foreseen.get(plan["node"])
    return known if known and known["plan"] == plan["digest"] else None


def signed_for(content: ContentVersion, plan: Plan) -> Signed | None:
    """The dry run that is signed together with this plan of the content, if any."""
    known: Signed | None = content.facts.get("foreseen", {}).get(plan["node"])
    return known if known and known["plan"] == plan["digest"] else None


def keep_standing(facts: dict[str, Any], plans: Mapping[str, Plan]) -> None:
    """Remove from a new content's facts the dry runs of plans that have changed or are gone."""
    known: dict[str, Signed] = facts.pop("foreseen", {})
    standing = {node: seen for node, seen in known.items() if node in plans and seen["plan"] == plans[node]["digest"]}
    if standing:
        facts["foreseen"] = standing


def told_by(trail: Iterable[Event]) -> dict[str, Foreseen]:
    """Node → last dry run according to the trail. The ticket's row must say the same."""
    told = (Kind.PLAN_FORESEEN.of(event) for event in trail if event.kind == Kind.PLAN_FORESEEN)
    return {data["node"]: entry_of(data) for data in told}


def entry_of(data: PlanForeseen) -> Foreseen:
    """What the ticket's row stores of a `plan.foreseen` event."""
    return Foreseen(
        plan=data["plan_digest"],
        state=data["state"],
        digest=data["digest"],
        summary=data["summary"],
        words=data["words"],
    )


def known_of(ticket: Ticket, plans: Iterable[Plan]) -> dict[str, str]:
    """Node → digest of the plan's dry run, for each of the ticket's own plans whose last dry run succeeded."""
    known = ((plan["node"], last_of(ticket.foreseen, plan)) for plan in plans)
    return {node: seen["digest"] for node, seen in known if seen and seen["state"] == DONE}


def was_before_a_dry_run(content: ContentVersion, digest: str) -> bool:
    """Whether only dry runs were added since the content with this digest."""
    return any(seen["since"] == digest for seen in content.facts.get("foreseen", {}).values())


def held_back(ticket: Ticket, node: str) -> list[Plan]:
    """The plans whose dry run must be there before anybody can approve at this node."""
    content = ticket.content
    if content is None:
        return []
    plans = [plan for plan in content.plans.values() if plan.get("dry_run") == REQUIRED and not is_seen(ticket, plan)]
    if not plans:
        return []
    program = load(ticket.template_version_id)
    return [plan for plan in plans if node in _guards(program, content, plan)]


def guards_around(program: Program, content: ContentVersion, node: str) -> list[list[str]]:
    """For each plan whose dry run must be seen at this node: all nodes where it must be seen."""
    plans = [plan for plan in content.plans.values() if plan.get("dry_run") == REQUIRED]
    found = [_guards(program, content, plan) for plan in plans]
    return [nodes for nodes in found if node in nodes]


def is_seen(ticket: Ticket, plan: Plan) -> bool:
    """Whether the last dry run of this plan succeeded and is part of what is signed."""
    signed = signed_for(ticket.content, plan) if ticket.content else None
    last = last_of(ticket.foreseen, plan)
    return signed is not None and last is not None and (last["state"], last["digest"]) == (DONE, signed["digest"])


def missing_dry_run(ticket: Ticket, node: str) -> DryRunPending | DryRunFailed | None:
    """Why nobody can approve at this node yet; None if no required dry run is missing."""
    plans = held_back(ticket, node)
    for plan in plans:
        last = last_of(ticket.foreseen, plan)
        if last and last["state"] == FAILED:
            return DryRunFailed(plan=plan["node"])
    return DryRunPending(plan=plans[0]["node"]) if plans else None


def _guards(program: Program, content: ContentVersion, plan: Plan) -> list[str]:
    """The nodes where a yes needs this plan's dry run: those after the previous automation, because only then are the
    hosts as the plan will find them. If no approval lies in between: all nodes before the plan.
    """
    try:
        before = way_to(program, content_facts(content), plan["node"])
    except Unplannable:
        return list(program.nodes)  # if the way is unknown, every yes waits (I26)
    runs = [at for at, key in enumerate(before) if program.node(key)["type"] == "automation"]
    behind = before[runs[-1] + 1 :] if runs else before
    return behind if any(program.node(key)["type"] == "approval" for key in behind) else before
