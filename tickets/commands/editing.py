"""Let an approver change fields that the node allows (I05)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import finding
from templates_engine.fields.base import EMPTY
from templates_engine.forms.values import FieldChange, changes
from templates_engine.parts import Field
from tickets.commands.asking_again import fallen_nodes
from tickets.commands.closing import close_all, require_no_running_job
from tickets.content.content import amend, differs, edit_content, void
from tickets.content.course import same_course
from tickets.content.planned_children import require_no_parent
from tickets.engine.advance import advance
from tickets.engine.nodes.wait import ends_of, move_alarms
from tickets.engine.walk import Walk
from tickets.errors import Invalid
from tickets.files.binding import claim
from tickets.models import ApprovalTask
from tickets.states import TaskState
from tickets.trail.events import Kind


def editable_fields(program_form: list[Field], node: str) -> list[str]:
    """The fields that the people of a node may change."""
    return [field["key"] for field in program_form if node in field.get("editable_at", ())]


@dataclass(frozen=True)
class Edited:
    """Result of an edit. voided: all earlier decisions are void, the chain restarted. fallen: nodes to ask again."""

    voided: bool = False
    fallen: Sequence[str] = ()


def edit(walk: Walk, task: ApprovalTask, form: dict[str, Any], *, actor: User, comment: str) -> Edited:
    """Adopt the changed content.

    If the change alters what will run, whom earlier nodes ask, or the way walked, every decision is void. Otherwise
    each node's `on_edit` says whether its decisions stand. Raises Invalid, PlanRefused, AlreadyRunning.
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


def _require_unsigned(walk: Walk, diff: list[FieldChange]) -> None:
    """An applicant who edits at their own step may fill empty fields, but not change values that others have signed.

    Raises Invalid.
    """
    if not any(task.state == TaskState.APPROVED and walk.stands(task) for task in walk.tasks):
        return
    message = _("Others have approved this value. To change it, have the ticket returned to you.")
    signed = [change["field"] for change in diff if change["before"] not in EMPTY]
    if signed:
        raise Invalid([finding(f"form.{key}", "signed_already", message) for key in signed])
