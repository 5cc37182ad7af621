"""An approver changes fields that his node lets him change (I5)."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from templates_engine.fields.base import EMPTY
from templates_engine.route import Unplannable
from templates_engine.values import changes
from tickets.advance import advance
from tickets.attachments.binding import claim
from tickets.children import require_no_parent
from tickets.circumstances import content_facts
from tickets.commands.closing import close_all, require_no_running_job
from tickets.content import differs, edit_content, succeed
from tickets.errors import Invalid
from tickets.events import Kind
from tickets.models import ApprovalTask, ContentVersion
from tickets.nodes.wait import ends_of, move_alarms
from tickets.states import TaskState
from tickets.walk import Walk
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
    diff = changes(walk.program.form, before.form, after.form)
    if actor.pk == walk.applicant.id:
        _require_unsigned(walk, diff)
    voided = _voids(walk, before, after)
    if voided:
        require_no_parent(walk.ticket)
        require_no_running_job(walk.open_visits())
    succeed(before, after, voided=voided, editor=actor)
    after.save(force_insert=True)
    claim(after.facts.get("attachments", {}), walk.ticket)
    waits = ends_of(walk)
    walk.adopt(after)
    walk.record(
        Kind.TICKET_EDITED,
        content=after.number,
        digest=after.digest,
        diff=diff,
        voided=voided,
        comment=comment,
        **walk.node_facts(visit),
    )
    if voided:
        close_all(walk, "voided")
        advance(walk, walk.program.start)
    move_alarms(walk, waits)
    return voided


def _require_unsigned(walk: Walk, diff: list[dict[str, Any]]) -> None:
    """The applicant, at a step of his own, fills in what was left empty; what others have signed he does not change.

    Raises Invalid.
    """
    if not any(task.state == TaskState.APPROVED and task.digest in walk.standing for task in walk.tasks):
        return
    message = _("Others have approved this value. To change it, have the ticket returned to you.")
    signed = [change["field"] for change in diff if change["before"] not in EMPTY]
    if signed:
        raise Invalid([{"path": f"form.{key}", "code": "signed_already", "message": message} for key in signed])


def _voids(walk: Walk, before: ContentVersion, after: ContentVersion) -> bool:
    if (before.plans, before.children) != (after.plans, after.children):
        return True
    opened = [visit.node for visit in walk.open_visits()]
    try:
        ways = [walked(walk.program, content_facts(content), opened) for content in (before, after)]
    except Unplannable as error:
        raise Invalid([error.finding.render()]) from error
    return ways[0] != ways[1]
