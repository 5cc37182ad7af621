"""An approver changes fields that his node lets him change (I5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from templates_engine.fields.base import EMPTY
from templates_engine.values import changes
from tickets.advance import advance
from tickets.attachments.binding import claim
from tickets.children import require_no_parent
from tickets.commands.asking_again import fallen_nodes
from tickets.commands.closing import close_all, require_no_running_job
from tickets.content import amend, differs, edit_content, void
from tickets.course import same_course
from tickets.errors import Invalid
from tickets.events import Kind
from tickets.models import ApprovalTask
from tickets.nodes.wait import ends_of, move_alarms
from tickets.states import TaskState
from tickets.walk import Walk


def editable_fields(program_form: list[dict[str, Any]], node: str) -> list[str]:
    """What the people of a node may change."""
    return [field["key"] for field in program_form if node in field.get("editable_at", ())]


@dataclass(frozen=True)
class Edited:
    """What an edit did. voided: every decision before it, and the chain began anew. fallen: the nodes to ask again."""

    voided: bool = False
    fallen: Sequence[str] = ()


def edit(walk: Walk, task: ApprovalTask, form: dict[str, Any], *, actor: User, comment: str) -> Edited:
    """Adopt the changed content.

    Where the change reaches what will run, whom the nodes so far ask, or the way that was walked, nobody has approved
    that, and every decision is void. Else the nodes say whether what was decided there stands (on_edit).
    Raises Invalid, PlanRefused, AlreadyRunning.
    """
    before, visit = walk.content, task.visit
    after = edit_content(walk, form, editable_fields(walk.program.form, visit.node), by=actor)
    if not differs(before, after):
        return Edited()
    diff = changes(walk.program.form, before.form, after.form)
    if actor.pk == walk.applicant.id:
        _require_unsigned(walk, diff)
    places = walk.places()
    voided = not same_course(walk, before, after, places)
    fallen = [] if voided else fallen_nodes(walk, diff, places, edited_at=visit.node)
    if voided:
        require_no_parent(walk.ticket)
        require_no_running_job(walk.open_visits())
        void(before, after, editor=actor)
    else:
        amend(before, after, fallen)
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
        again=fallen,
        comment=comment,
        **walk.node_facts(visit),
    )
    if voided:
        close_all(walk, "voided")
        advance(walk, walk.program.start)
    move_alarms(walk, waits)
    return Edited(voided, fallen)


def _require_unsigned(walk: Walk, diff: list[dict[str, Any]]) -> None:
    """The applicant, at a step of his own, fills in what was left empty; what others have signed he does not change.

    Raises Invalid.
    """
    if not any(task.state == TaskState.APPROVED and walk.stands(task) for task in walk.tasks):
        return
    message = _("Others have approved this value. To change it, have the ticket returned to you.")
    signed = [change["field"] for change in diff if change["before"] not in EMPTY]
    if signed:
        raise Invalid([{"path": f"form.{key}", "code": "signed_already", "message": message} for key in signed])
