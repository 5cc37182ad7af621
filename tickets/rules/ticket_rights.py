"""What a person may do with a whole ticket: one answer for commands and pages.

Each rule returns the error that the command raises, or None if the verb is possible now. Verbs on a task: rights.py.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import DomainError
from templates_engine.store.programs import load
from tickets.errors import AlreadyRunning, NotAllowed, OwnTicket, WrongState
from tickets.models import ApprovalTask, NodeVisit, Ticket
from tickets.models.node_visit import PEOPLE
from tickets.rules.rights import is_closed_to, is_running
from tickets.states import TaskState, TicketState
from tickets.states.ticket import FINAL


@dataclass(frozen=True)
class Asked:
    """A ticket, and the person who wants something of it and may see it.

    takes_part: whether they see it other than as an operator; see queries.visible.
    """

    ticket: Ticket
    user: User
    visits: Collection[NodeVisit] = ()
    tasks: Collection[ApprovalTask] = ()
    takes_part: bool = True

    @property
    def is_applicant(self) -> bool:
        """Whether it is this person's own ticket."""
        return self.ticket.applicant_id == self.user.pk

    @property
    def open_steps(self) -> list[NodeVisit]:
        """The open visits of people."""
        return [visit for visit in self.visits if visit.state == NodeVisit.State.OPEN and visit.type in PEOPLE]

    def at(self, node: str) -> "Asked":
        """The same, of one node only."""
        return replace(self, visits=[visit for visit in self.visits if visit.node == node])


def verbs_on(asked: Asked) -> list[str]:
    """The verbs possible for this person on this ticket now."""
    return [verb for verb, rule in RULES.items() if rule(asked) is None]


def others_waited_for(asked: Asked) -> list[ApprovalTask]:
    """The pending tasks of other people."""
    return [task for task in asked.tasks if task.state == TaskState.PENDING and task.assignee_id != asked.user.pk]


def _comments(_asked: Asked) -> DomainError | None:
    return None


def _watch(asked: Asked) -> DomainError | None:
    return None if asked.takes_part else NotAllowed()


def _attachments(asked: Asked) -> DomainError | None:
    if not asked.takes_part:
        return NotAllowed()
    return WrongState() if asked.ticket.state in FINAL else None


def _copy(asked: Asked) -> DomainError | None:
    """A copy shows every field, so only the applicant makes one (I23)."""
    return None if asked.is_applicant else NotAllowed()


def _in_state(state: TicketState) -> Callable[[Asked], DomainError | None]:
    """The applicant, while the ticket is in this state."""

    def rule(asked: Asked) -> DomainError | None:
        if not asked.is_applicant:
            return NotAllowed()
        return None if asked.ticket.state == state else WrongState()

    return rule


def _rate(asked: Asked) -> DomainError | None:
    if not asked.is_applicant:
        return NotAllowed()
    if asked.ticket.state != TicketState.COMPLETED or asked.ticket.rating is not None:
        return WrongState()
    is_rated = load(asked.ticket.template_version_id).document.get("rating", False)
    return None if is_rated else WrongState(_("This kind of ticket is not rated."))


def _withdraw(asked: Asked) -> DomainError | None:
    """The applicant; of one who has left, administrators, so that no ticket stays open for ever (I10). A running job
    must be cancelled first (I17). Drafts are withdrawn by their owner only.
    """
    ticket = asked.ticket
    is_orphan = ticket.submitted_at is not None and not ticket.applicant.is_active
    if not asked.is_applicant and not (asked.user.is_admin and is_orphan):
        return NotAllowed()
    if ticket.state in FINAL:
        return WrongState()
    return AlreadyRunning() if is_running(asked.visits) else None


def _remind(asked: Asked) -> DomainError | None:
    """The applicant and administrators. That it is allowed once in ten minutes is a limit, not a right."""
    if not asked.is_applicant and not asked.user.is_admin:
        return NotAllowed()
    return None if others_waited_for(asked) else WrongState(_("The ticket waits for nobody else."))


def _reassign(asked: Asked) -> DomainError | None:
    """Administrators, at a node that waits for people and where they may say who approves (I03)."""
    if not asked.user.is_admin:
        return NotAllowed()
    if asked.ticket.state in FINAL or not asked.open_steps:
        return WrongState(_("This node does not wait for anybody."))
    is_own = all(is_closed_to(visit.type, asked.ticket, asked.user.pk) for visit in asked.open_steps)
    return OwnTicket() if is_own else None


RULES: dict[str, Callable[[Asked], DomainError | None]] = {
    "attachments": _attachments,
    "comments": _comments,
    "copy": _copy,
    "rate": _rate,
    "reassign": _reassign,
    "remind": _remind,
    "resubmit": _in_state(TicketState.RETURNED),
    "submit": _in_state(TicketState.DRAFT),
    "watch": _watch,
    "withdraw": _withdraw,
}
