"""退回: return to the applicant or to an earlier node."""

from django.utils.translation import gettext as _

from common.errors import finding
from tickets.commands.closing import close, close_all, require_no_running_job, require_none_begun, withdraw_children
from tickets.engine.advance import advance
from tickets.engine.walk import Walk
from tickets.errors import Invalid
from tickets.models import ApprovalTask
from tickets.rules.returns import closed_by, return_targets, walked_since
from tickets.trail.events import Kind


def return_to(walk: Walk, task: ApprovalTask, *, to: str, resume: str, comment: str) -> None:
    """Close what lies behind and ask there again. Raises Invalid for an unreachable node, AlreadyRunning."""
    if to == "applicant":
        return_to_applicant(walk, task.visit.node, resume=resume, comment=comment)
        return
    if to not in return_targets(walk.program, walk.content, walk.visits, task.visit.node):
        message = _("This task cannot be returned to that node.")
        raise Invalid([finding("to", "not_reachable", message)])
    closing = closed_by(walk.program, walk.visits, to)
    require_no_running_job(closing)
    closed = close(walk, closing, "returned")
    undone = walked_since(walk.program, walk.visits, to)
    withdraw_children(walk, undone)
    require_none_begun(undone)
    walk.asked_again = to
    advance(walk, to, ahead=closed if resume == "here" else ())


def return_to_applicant(walk: Walk, node: str, *, resume: str, comment: str, system: bool = False) -> None:
    """Close everything and return the ticket. `here`: a resubmission opens again what was open.

    Not if one of the closed jobs had begun: for another run everybody is asked again (I14).
    """
    opened = walk.open_visits()
    require_no_running_job(opened)
    closed = close_all(walk, "returned")
    begun = any(visit.has_begun for visit in opened)
    walk.ticket.returned_from = node
    walk.ticket.reopen = closed if resume == "here" and not begun else []
    walk.ticket.return_()
    name = walk.program.node(node)["name"]
    record = walk.record_by_system if system else walk.record
    record(Kind.TICKET_RETURNED, to="applicant", node=node, name=name, comment=comment)
