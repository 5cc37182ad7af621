"""An approver changes fields that his node lets him change (I5)."""

from typing import Any

from accounts.models import User
from templates_engine.route import Unplannable
from templates_engine.values import changes
from tickets.advance import advance
from tickets.attachments.binding import claim
from tickets.commands.closing import close_all, require_no_running_job
from tickets.content import differs, edit_content, succeed
from tickets.errors import Invalid
from tickets.events import Kind
from tickets.models import ApprovalTask, ContentVersion
from tickets.walk import Walk, content_facts
from tickets.ways import walked


def editable_fields(program_form: list[dict[str, Any]], node: str) -> list[str]:
    """What the people of a node may change."""
    return [field["key"] for field in program_form if node in field.get("editable_at", ())]


def edit(walk: Walk, task: ApprovalTask, form: dict[str, Any], *, actor: User, comment: str) -> bool:
    """Adopt the changed content; whether that voided every decision and the chain began anew.

    It does where the change reaches what will run, or the way that was walked: nobody has approved that. Else what was
    decided stands. Raises Invalid, PlanRefused, AlreadyRunning.
    """
    before, visit = walk.content, task.visit
    after = edit_content(walk, form, editable_fields(walk.program.form, visit.node), by=actor)
    if not differs(before, after):
        return False
    voided = _voids(walk, before, after)
    if voided:
        require_no_running_job(walk.open_visits())
    succeed(before, after, voided=voided, editor=actor)
    after.save(force_insert=True)
    claim(after.facts.get("attachments", {}), walk.ticket)
    walk.adopt(after)
    walk.record(
        Kind.TICKET_EDITED,
        content=after.number,
        digest=after.digest,
        diff=changes(walk.program.form, before.form, after.form),
        voided=voided,
        comment=comment,
        **walk.node_facts(visit),
    )
    if voided:
        close_all(walk, "voided")
        advance(walk, walk.program.start)
    return voided


def _voids(walk: Walk, before: ContentVersion, after: ContentVersion) -> bool:
    if (before.plans, before.children) != (after.plans, after.children):
        return True
    opened = [visit.node for visit in walk.open_visits()]
    try:
        ways = [walked(walk.program, content_facts(content), opened) for content in (before, after)]
    except Unplannable as error:
        raise Invalid([error.finding.render()]) from error
    return ways[0] != ways[1]
