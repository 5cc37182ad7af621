"""One ticket with everything a person sees of it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.people import Organisation, person
from templates_engine.program import Program, load
from templates_engine.queries import acting, step_row
from templates_engine.route import Step, Unplannable, route
from templates_engine.text import localize
from tickets.models import ApprovalTask, NodeVisit, Participant, Ticket
from tickets.ports import planner
from tickets.queries.visible import get_visible, principals
from tickets.rights import decides_about_himself, verbs_of
from tickets.states import TaskState, TicketState
from tickets.states.ticket import FINAL
from tickets.walk import content_facts


def ticket_detail(user: User, number: str, at: datetime) -> dict[str, Any]:
    """The ticket as this person may see it. Raises NotFound."""
    get_visible(user, number, at)
    ticket = Ticket.objects.select_related("content", "applicant", "department").get(number=number)
    Participant.objects.filter(ticket=ticket, user=user, kind=Participant.Kind.CC, seen_at__isnull=True).update(
        seen_at=at
    )
    return present(ticket, user, at)


def present(ticket: Ticket, user: User, at: datetime) -> dict[str, Any]:
    """A ticket as the API answers it, with the verbs this person may use on it now."""
    program = load(ticket.template_version_id)
    visits = list(NodeVisit.objects.filter(ticket=ticket).order_by("id"))
    tasks = list(
        ApprovalTask.objects.filter(ticket=ticket)
        .select_related("assignee", "decided_by", "on_behalf_of", "visit")
        .order_by("id")
    )
    seats = my_seats(user, program.key, at)
    upcoming = coming(ticket, program, visits)
    signed = {task.visit_id for task in tasks if task.decided_by_id == user.pk}
    shown_tasks = [task_row(task, ticket, seats, user, signed) for task in tasks]
    jobs = planner().jobs_of(ticket.pk)
    return {
        "number": ticket.number,
        "title": ticket.title,
        "template": {
            "key": program.key,
            "version": program.version,
            "name": program.document["name"],
        },
        "state": ticket.state,
        "applicant": ticket.applicant.username,
        "department": ticket.department.key if ticket.department else None,
        "form": ticket.content.form if ticket.content else {},
        "form_fields": program.form,
        "content_version": ticket.content.number if ticket.content else 0,
        "digest": ticket.content.digest if ticket.content else "",
        "plans": plans_of(ticket),
        "priority": ticket.priority,
        "created_at": ticket.created_at,
        "submitted_at": ticket.submitted_at,
        "finished_at": ticket.finished_at,
        "version": ticket.version,
        "nodes": [node_row(visit, program) for visit in visits],
        "upcoming": [step_row(step) for step in upcoming],
        "tasks": shown_tasks,
        "jobs": jobs,
        "children": [],
        "parent": None,
        "attachments": [],
        "rating": {"score": ticket.rating, "comment": ticket.rating_comment} if ticket.rating else None,
        "allowed_actions": allowed_actions(ticket, user, shown_tasks, may_rate=program.document.get("rating", False)),
        "people": people_of(ticket, tasks, upcoming),
    }


def my_seats(user: User, template: str, at: datetime) -> set[int]:
    """The people whose tasks this person may decide on tickets of this template: themselves and principals."""
    return {user.pk, *principals(user, at).covering(template).values_list("principal_id", flat=True)}


def task_row(
    task: ApprovalTask, ticket: Ticket, seats: set[int], user: User, signed: Collection[int]
) -> dict[str, Any]:
    """One task; `reason` in the caller's language. A pending one shows the digest that a decision now would sign.

    signed: the visits in which this person has decided already.
    """
    current = ticket.content.digest if ticket.content else ""
    return {
        "id": task.pk,
        "node": task.visit.node,
        "round": task.visit.round,
        "assignee": task.assignee.username,
        "reason": localize(task.reason),
        "state": task.state,
        "decided_by": task.decided_by.username if task.decided_by else None,
        "on_behalf_of": task.on_behalf_of.username if task.on_behalf_of else None,
        "channel": task.channel or None,
        "comment": task.comment,
        "created_at": task.created_at,
        "due_at": task.due_at,
        "decided_at": task.decided_at,
        "digest": task.digest or current,
        "allowed_actions": list(_verbs(task, ticket, seats, user, signed)),
    }


def _verbs(task: ApprovalTask, ticket: Ticket, seats: set[int], user: User, signed: Collection[int]) -> tuple[str, ...]:
    """What this person may do with this task now: the same rules as tickets.commands.decide."""
    if task.state != TaskState.PENDING or task.assignee_id not in seats:
        return ()
    node = load(ticket.template_version_id).node(task.visit.node)
    if decides_about_himself(task, ticket, node, user.pk):
        return ()
    return tuple(verb for verb in verbs_of(task, ticket) if verb != "approve" or task.visit_id not in signed)


def node_row(visit: NodeVisit, program: Program) -> dict[str, Any]:
    """One visit."""
    return {
        "node": visit.node,
        "name": program.node(visit.node)["name"],
        "type": visit.type,
        "round": visit.round,
        "state": visit.state,
        "outcome": visit.outcome,
        "opened_at": visit.opened_at,
        "closed_at": visit.closed_at,
        "waiting": [entry["username"] for entry in visit.queue],
    }


def plans_of(ticket: Ticket) -> list[dict[str, Any]]:
    """What would run, as approved, with what people read beside it."""
    if ticket.content is None:
        return []
    return [{**plan, **planner().describe(plan)} for plan in ticket.content.plans.values()]


def coming(ticket: Ticket, program: Program, visits: list[NodeVisit]) -> list[Step]:
    """The part of the chain that is still to come, judged by today's organisation; empty for a final ticket."""
    if ticket.state in FINAL or ticket.content is None:
        return []
    start = program.start
    if ticket.state not in (TicketState.DRAFT, TicketState.RETURNED):
        opened = [visit for visit in visits if visit.state == NodeVisit.State.OPEN]
        if not opened:
            return []
        start = program.node(opened[-1].node)["next"]
    if start is None:
        return []
    try:
        return route(program, content_facts(ticket.content), person(ticket.applicant), Organisation(), start)
    except Unplannable:
        return []


def people_of(ticket: Ticket, tasks: list[ApprovalTask], upcoming: list[Step]) -> dict[str, dict[str, str]]:
    """Username → {name} of everybody who appears."""
    users = [ticket.applicant]
    for task in tasks:
        users += [user for user in (task.assignee, task.decided_by, task.on_behalf_of) if user]
    names = {user.username: {"name": user.name} for user in users}
    return names | {p.username: {"name": p.name} for step in upcoming for p in acting(step)}


def allowed_actions(ticket: Ticket, user: User, tasks: list[dict[str, Any]], *, may_rate: bool) -> list[str]:
    """The verbs this person may use on this ticket now; the page draws its buttons from them."""
    verbs = ["comments", "watch"]
    if ticket.applicant_id == user.pk:
        verbs.append("copy")
        if ticket.state not in FINAL:
            verbs.append("withdraw")
        verbs += {TicketState.DRAFT: ["submit"], TicketState.RETURNED: ["resubmit"]}.get(ticket.state, [])
        if ticket.state == TicketState.COMPLETED and ticket.rating is None and may_rate:
            verbs.append("rate")
    if (ticket.applicant_id == user.pk or user.is_admin) and any(t["state"] == TaskState.PENDING for t in tasks):
        verbs.append("remind")
    return sorted({*verbs, *(verb for task in tasks for verb in task["allowed_actions"])})
