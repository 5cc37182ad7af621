"""退回: back to the applicant, or to an earlier node."""

from django.utils.translation import gettext as _

from tickets.advance import advance
from tickets.commands.closing import close, close_all, require_no_running_job, require_none_begun, withdraw_children
from tickets.errors import Invalid
from tickets.events import Kind
from tickets.models import ApprovalTask
from tickets.returns import closed_by, return_targets, walked_since
from tickets.walk import Walk


def return_to(walk: Walk, task: ApprovalTask, *, to: str, resume: str, comment: str) -> None:
    """Close what lies behind and ask there again. Raises Invalid for a node out of reach, AlreadyRunning."""
    if to == "applicant":
        return_to_applicant(walk, task.visit.node, resume=resume, comment=comment)
        return
    if to not in return_targets(walk.program, walk.content, walk.visits, task.visit.node):
        message = _("This task cannot be returned to that node.")
        raise Invalid([{"path": "to", "code": "not_reachable", "message": message}])
    closing = closed_by(walk.program, walk.visits, to)
    require_no_running_job(closing)
    closed = close(walk, closing, "returned")
    undone = walked_since(walk.program, walk.visits, to)
    withdraw_children(walk, undone)
    require_none_begun(undone)
    walk.asked_again = to
    advance(walk, to, ahead=closed if resume == "here" else ())


def return_to_applicant(walk: Walk, node: str, *, resume: str, comment: str, system: bool = False) -> None:
    """Close everything and hand the ticket back. `here`: a resubmit opens again what was open.

    Not where a job among it had begun and failed: for another run everybody is asked anew (I14).
    """
    opened = walk.open_visits()
    require_no_running_job(opened)
    closed = close_all(walk, "returned")
    begun = any(visit.has_begun for visit in opened)
    walk.ticket.returned_from = node
    walk.ticket.reopen = closed if resume == "here" and not begun else []
    walk.ticket.return_()
    name = walk.program.node(node)["name"]
    walk.record(Kind.TICKET_RETURNED, system=system, to="applicant", node=node, name=name, comment=comment)
