"""Record the results of dry runs; the result of a required one becomes part of what people sign (I05)."""

from collections.abc import Sequence
from typing import Unpack

from django.db import transaction

from tickets.commands.asking_again import ask_again, before_begun, begun, is_signed
from tickets.content.content import amend
from tickets.content.signing import released
from tickets.engine.walk import Walk, lock
from tickets.models import ContentVersion
from tickets.models.content import Plan
from tickets.rules.dry_run_rules import DONE, REQUIRED, UNDER_WAY, Foreseen, Signed, signed_for
from tickets.rules.ways import behind, way_to
from tickets.trail.events import Kind
from tickets.trail.shapes.runs import AboutForeseen


@transaction.atomic
def foresee(*, number: str, node: str, result: Foreseen, asked_by: str = "") -> bool:
    """Record the result of a dry run of this node's plan; False if decisions no longer wait for it.

    A good result of a required dry run makes a new content with the same plans, whose digest covers it. If it replaces
    another result, those who signed that one are asked again, except those who signed before a job that has begun.
    """
    walk = lock(None, number=number)
    plan = awaited(walk, node, result["plan"])
    if plan is None:
        return False
    told, fallen = _signed(walk, plan, result)
    if asked_by:
        told["asked_by"] = asked_by
    write_down(walk, node, result, **told)
    if fallen:
        ask_again(walk, fallen)
    walk.save()
    return True


def write_down(walk: Walk, node: str, result: Foreseen, **more: Unpack[AboutForeseen]) -> None:
    """Record it in trail and row. more: further data of the event."""
    walk.record_by_system(
        Kind.PLAN_FORESEEN,
        node=node,
        name=walk.program.node(node)["name"],
        plan_digest=result["plan"],
        state=result["state"],
        digest=result["digest"],
        summary=result["summary"],
        words=result["words"],
        **more,
    )
    walk.ticket.foreseen = {**walk.ticket.foreseen, node: result}


def awaited(walk: Walk, node: str, plan_digest: str) -> Plan | None:
    """The node's plan, if it has this digest and decisions about it are still open."""
    plan = walk.content.plans.get(node)
    is_open = walk.ticket.state in UNDER_WAY and node not in released(walk.visits)
    return plan if plan and is_open and plan["digest"] == plan_digest else None


def _signed(walk: Walk, plan: Plan, result: Foreseen) -> tuple[AboutForeseen, Sequence[str]]:
    """Adopt a content that includes this result. Returns (event data about it, the nodes whose decisions fell)."""
    known = signed_for(walk.content, plan)
    if plan.get("dry_run") != REQUIRED or result["state"] != DONE or (known and known["digest"] == result["digest"]):
        return {}, ()
    fallen = who_signed(walk, plan["node"]) if known else []
    return sign_with(walk, plan, result, fallen), fallen


def sign_with(walk: Walk, plan: Plan, result: Foreseen, fallen: Sequence[str]) -> AboutForeseen:
    """Adopt a content with the same plans, whose digest covers this result. Returns the event data about it."""
    before = walk.content
    seen = Signed(plan=plan["digest"], digest=result["digest"], since=before.digest)
    after = ContentVersion(
        ticket=walk.ticket,
        number=before.number + 1,
        form=before.form,
        facts={**before.facts, "foreseen": {**before.facts.get("foreseen", {}), plan["node"]: seen}},
        plans=before.plans,
        children=before.children,
        created_by_id=before.created_by_id,
        created_at=walk.at,
    )
    amend(before, after, fallen)
    after.save(force_insert=True)
    walk.adopt(after)
    return {"content": after.number, "content_digest": after.digest, "again": list(fallen)}


def who_signed(walk: Walk, node: str) -> list[str]:
    """The given approvals before this node, except those before a job that has begun."""
    facts, places = walk.facts(), walk.places()
    shut = before_begun(walk, begun(walk, places))
    there = dict.fromkeys([*behind(walk.program, facts, places), *places])
    before = way_to(walk.program, facts, node)
    approvals = [key for key in there if key in before and walk.program.node(key)["type"] == "approval"]
    return [key for key in approvals if key not in shut and is_signed(walk, key)]
