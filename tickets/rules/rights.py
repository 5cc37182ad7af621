"""What a person may do with a task: one answer for commands, buttons, cards, lists and counts.

`bar` says why a person may not decide a task at all, `refusal` why one verb is not possible now. Commands raise what
these return; pages offer the verbs for which they return None. Verbs on a whole ticket: ticket_rights.py.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import DomainError
from templates_engine.nodes import NODE_TYPES
from templates_engine.parts import Node
from templates_engine.store.programs import load
from tickets.errors import AlreadyRunning, NotYourTask, OwnTicket, SecondSeat, WrongState
from tickets.models import ApprovalTask, ContentVersion, NodeVisit, Ticket
from tickets.rules.dry_run_rules import missing_dry_run
from tickets.rules.quorum import complete
from tickets.rules.returns import return_targets, walked_since
from tickets.rules.votes import NO_SEAT, tasks_of, votes
from tickets.states import TaskState

Rows = tuple[list[NodeVisit], list[ApprovalTask]]
Verb = Literal["approve", "confirm", "return", "veto"]


@dataclass(frozen=True)
class Reader:
    """The person who asks. seats: ids of the people whose tasks they may decide, with themselves. moved: (ticket, node,
    round) of the visits where they have moved seats, see queries.standing_in.
    """

    user: User
    seats: Collection[int]
    moved: Collection[tuple[int, str, int]] = ()

    def acts_for(self, task: ApprovalTask) -> bool:
        """Whether this person would decide this task as a proxy."""
        return task.assignee_id != self.user.pk and task.assignee_id in self.seats


def verbs_of(task: ApprovalTask, ticket: Ticket, rows: Rows, by: Reader) -> tuple[str, ...]:
    """The verbs possible for this person on this task now. rows: the ticket's visits and tasks."""
    if task.state != TaskState.PENDING or bar(task, ticket, by):
        return ()
    verbs = NODE_TYPES[task.visit.type].verbs
    return tuple(verb for verb in verbs if refusal(verb, task, ticket, rows, by.user) is None)


def bar(task: ApprovalTask, ticket: Ticket, by: Reader) -> DomainError | None:
    """Why this person may not decide this task, whatever they want to do; None if they may (I02, I03, I11)."""
    if task.assignee_id not in by.seats:
        return NotYourTask()
    if by.acts_for(task) and (ticket.pk, task.visit.node, task.visit.round) in by.moved:
        return NotYourTask(_("You have assigned the people of this step, so you cannot decide here for others."))
    return OwnTicket() if _decides_about_themselves(task, ticket, by.user.pk) else None


def refusal(verb: str, task: ApprovalTask, ticket: Ticket, rows: Rows, user: User) -> DomainError | None:
    """Why this verb is not possible now for somebody who may decide this task; None if it is.

    Applicants cannot return their own ticket to themselves. Approvers who asked for a signature before their own must
    wait for it. Nobody can approve while a required dry run is missing, sign twice, or leave a running job behind.
    """
    visits, tasks = rows
    if verb not in NODE_TYPES[task.visit.type].verbs:
        return WrongState()
    if verb == "approve":
        return _no_approval(task, ticket, tasks_of(task.visit, tasks), user)
    if verb == "veto":
        return AlreadyRunning() if is_running(visits) else None
    if verb == "return":
        return _no_return(task, ticket, visits)
    if verb == "remove_sign" and not removable(task, tasks_of(task.visit, tasks)):
        return WrongState()
    return None


def _no_approval(
    task: ApprovalTask, ticket: Ticket, siblings: Collection[ApprovalTask], user: User
) -> DomainError | None:
    if missing := missing_dry_run(ticket, task.visit.node):
        return missing
    if waits_for_others(task, siblings):
        return WrongState(_("The signatures you asked for before your own are still missing."))
    return SecondSeat() if has_signed(user, task.visit, siblings) else None


def _no_return(task: ApprovalTask, ticket: Ticket, visits: Sequence[NodeVisit]) -> DomainError | None:
    """A return to the applicant closes everything; one to a node closes only what was walked since."""
    if task.assignee_id == ticket.applicant_id:
        return WrongState()
    if not is_running(visits):
        return None
    program = load(ticket.template_version_id)
    targets = return_targets(program, ticket.content, visits, task.visit.node) if ticket.content else []
    is_free = any(not is_running(walked_since(program, visits, target)) for target in targets)
    return None if is_free else AlreadyRunning()


def is_running(visits: Collection[NodeVisit]) -> bool:
    """Whether a job of these visits runs, or one of their sub-tickets': it must be cancelled as a job first (I17)."""
    return any(visit.is_running or visit.runs_below for visit in visits)


def waits_for_others(task: ApprovalTask, seats: Collection[ApprovalTask]) -> bool:
    """Whether signatures that were asked for before this task's own are still missing."""
    asked = [seat for seat in seats if seat.state not in NO_SEAT]
    done = complete(votes(asked, task.visit))
    return any(seat.added_to_id == task.pk and seat.position == "before" and id(seat) not in done for seat in asked)


def has_signed(user: User, visit: NodeVisit, seats: Collection[ApprovalTask]) -> bool:
    """Whether this person has already signed at this visit, so somebody else must approve (I04)."""
    return user.username in signed_here(visit, seats)


def signed_here(visit: NodeVisit, seats: Collection[ApprovalTask]) -> set[str]:
    """Usernames that have decided at this visit, on any seat, or were passed because they had signed before (I04)."""
    return {task.decided_by.username for task in seats if task.decided_by and task.state not in NO_SEAT} | {
        *visit.passed
    }


def taking_part(visit: NodeVisit, seats: Collection[ApprovalTask]) -> set[str]:
    """Usernames that get no other seat at this visit (I04): assigned, queued, or signed. seats: its tasks."""
    sitting = {task.assignee.username for task in seats if task.state not in NO_SEAT}
    return sitting | {entry["username"] for entry in visit.queue} | signed_here(visit, seats)


def removable(task: ApprovalTask, seats: Collection[ApprovalTask]) -> list[str]:
    """Usernames whose signature was added to this seat and who have not signed yet."""
    asked = [
        seat.assignee.username for seat in seats if seat.added_to_id == task.pk and seat.state == TaskState.PENDING
    ]
    later = [entry["username"] for entry in task.visit.queue if entry.get("after") == task.assignee.username]
    return [*asked, *later]


def _decides_about_themselves(task: ApprovalTask, ticket: Ticket, actor_id: int) -> bool:
    """Whether the actor would approve what they applied for or have changed themselves (I03).

    This also covers proxies, administrators, and seats gained by a changed role. Only `on_self: allow` lets applicants
    decide, and only on their own seat.
    """
    if not is_closed_to(task.visit.type, ticket, actor_id):
        return False
    node: Node = load(ticket.template_version_id).node(task.visit.node)
    is_allowed = node.get("on_self") == "allow" and task.assignee_id == actor_id
    return has_changed(ticket.content, actor_id) or not is_allowed


def is_closed_to(node_type: str, ticket: Ticket, user_id: int) -> bool:
    """Whether this person may not decide for others at a node of this type. Confirmations are not approvals (I03).

    For queries of proxies, queries.standing_in says the same in SQL.
    """
    return node_type == "approval" and is_own(ticket, ticket.content, user_id)


def is_own(ticket: Ticket, content: ContentVersion | None, user_id: int) -> bool:
    """Whether this person asks for it or has changed it: others judge it, and say that it is done (I03)."""
    return user_id in barred(ticket, content)


def barred(ticket: Ticket, content: ContentVersion | None) -> set[int]:
    """Ids of people who may never approve this: the applicant, and those who changed what will run (I03)."""
    return {ticket.applicant_id, *(content.editors if content else ())}


def has_changed(content: ContentVersion | None, user_id: int) -> bool:
    """Whether this person changed what will run."""
    return content is not None and user_id in content.editors
