"""One ticket with everything a person sees of it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from accounts.models import Proxy, User
from accounts.people import Organisation
from templates_engine.program import Program, load
from templates_engine.queries import acting, step_row
from templates_engine.rendering import wait_until
from templates_engine.route import Step, Unplannable, route
from tickets.attachments.binding import hidden_files
from tickets.circumstances import circumstances, content_facts
from tickets.drafts import renew
from tickets.loading import load_rows
from tickets.models import ApprovalTask, NodeVisit, Participant, Ticket
from tickets.models.node_visit import PEOPLE
from tickets.ports import planner
from tickets.queries.around import around
from tickets.queries.hidden import hidden_fields, shown_form, tells
from tickets.queries.plans import childrens_plans, own_plans
from tickets.queries.tasks import reader_of, task_row
from tickets.queries.visible import get_visible, held_by, seats_for
from tickets.queries.withdrawal import can_withdraw
from tickets.returns import locked_fields
from tickets.seats import tasks_of
from tickets.signing import released
from tickets.states import TaskState, TicketState
from tickets.states.ticket import FINAL
from tickets.walk import OPEN


def ticket_detail(user: User, number: str, at: datetime) -> dict[str, Any]:
    """The ticket as this person may see it, which counts as looking at a copy. Raises NotFound."""
    held = held_by(user, at)
    ticket = get_visible(user, number, at, held)
    beside = around(ticket, user)
    if beside["unseen"]:
        Participant.objects.filter(ticket=ticket, user=user, kind=Participant.Kind.CC).update(seen_at=at)
    return _page(ticket, user, held, beside)


def present(ticket: Ticket, user: User, at: datetime) -> dict[str, Any]:
    """A ticket as the API answers it after a command, with the verbs this person may use on it now."""
    return _page(ticket, user, held_by(user, at), around(ticket, user))


def _page(ticket: Ticket, user: User, held: Collection[Proxy], beside: dict[str, Any]) -> dict[str, Any]:
    visits, tasks = load_rows(ticket)
    if ticket.state == TicketState.DRAFT:
        renew(ticket)
    program = load(ticket.template_version_id)
    reader = reader_of(user, seats_for(user, held, program.key), tasks)
    hidden = hidden_fields(program, ticket, user, tasks, reader.seats)
    upcoming = coming(ticket, program, visits)
    # Whoever sees a ticket only for what it runs speaks on it, and acts on its jobs.
    sees_all = user.is_admin or beside["part"] or any(task.assignee_id in reader.seats for task in tasks)
    siblings = {visit.pk: tasks_of(visit, tasks) for visit in visits}
    shown_tasks = [task_row(task, ticket, siblings[task.visit_id], visits, reader) for task in tasks]
    content = ticket.content
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
        "form": shown_form(content.form, hidden) if content else {},
        "form_fields": [field for field in program.form if field["key"] not in hidden],
        "locked": _locked(ticket, program),
        "chosen": content.facts.get("chosen", {}) if content else {},
        "content_version": content.number if content else 0,
        "digest": content.digest if content else "",
        "plans": _plans(ticket, program, visits, hidden, user),
        "priority": ticket.priority,
        "created_at": ticket.created_at,
        "submitted_at": ticket.submitted_at,
        "finished_at": ticket.finished_at,
        "version": ticket.version,
        "nodes": [node_row(visit, ticket, program, beside["children"], hidden) for visit in visits],
        "upcoming": [step_row(step, program) for step in upcoming],
        "tasks": shown_tasks,
        "jobs": planner().jobs_of(ticket.pk),
        "children": beside["children"],
        "parent": beside["parent"],
        "attachments": _shown_files(beside["attachments"], ticket, program, hidden),
        "rating": {"score": ticket.rating, "comment": ticket.rating_comment} if ticket.rating else None,
        "allowed_actions": allowed_actions(ticket, user, visits, shown_tasks, program) if sees_all else ["comments"],
        "people": people_of(ticket, visits, tasks, upcoming),
    }


def hidden_from(user: User, ticket: Ticket, at: datetime) -> frozenset[str]:
    """The fields of this ticket whose values this person may not see; no statement where its form hides none."""
    program = load(ticket.template_version_id)
    if not any(field.get("hidden_at") for field in program.form):
        return frozenset()
    tasks = ApprovalTask.objects.filter(ticket=ticket).select_related("visit")
    return hidden_fields(program, ticket, user, tasks, seats_for(user, held_by(user, at), program.key))


def _locked(ticket: Ticket, program: Program) -> list[str]:
    """The fields that the applicant cannot change; of a sub-ticket all, as its parent's approvers signed them (I12)."""
    if ticket.parent_id is not None:
        return [field["key"] for field in program.form]
    return locked_fields(ticket, program)


def _shown_files(
    files: list[dict[str, Any]], ticket: Ticket, program: Program, hidden: Collection[str]
) -> list[dict[str, Any]]:
    """The files without those that only hidden fields name."""
    unseen = hidden_files(ticket.content.form, program.form, hidden) if ticket.content else ()
    return [file for file in files if file["id"] not in unseen]


def node_row(
    visit: NodeVisit, ticket: Ticket, program: Program, children: list[dict[str, Any]], hidden: Collection[str]
) -> dict[str, Any]:
    """One visit; `until` of a wait, where no hidden field says it; `children` of a sub-ticket node."""
    more: dict[str, Any] = {}
    if visit.type == "wait" and tells(program.node(visit.node).get("until"), hidden):
        more = {"until": None}
    elif visit.type == "wait" and ticket.content:
        until = wait_until(program, visit.node, content_facts(ticket.content), visit.opened_at)
        more = {"until": until if visit.outcome != "passed" else None}
    elif visit.type == "subticket":
        more = {"children": [child["number"] for child in children if child["visit"] == visit.pk]}
    waiting = [entry["username"] for entry in visit.queue] if visit.type in PEOPLE else []
    return {
        "node": visit.node,
        "name": program.node(visit.node)["name"],
        "type": visit.type,
        "round": visit.round,
        "state": visit.state,
        "outcome": visit.outcome,
        "opened_at": visit.opened_at,
        "closed_at": visit.closed_at,
        "waiting": waiting,
        "kept": visit.kept,
        "within": program.branch_rows(visit.node),
        **more,
    }


def _plans(
    ticket: Ticket, program: Program, visits: list[NodeVisit], hidden: Collection[str], user: User
) -> list[dict[str, Any]]:
    """What runs, ran or would run, as it is signed here: the sub-tickets' plans as long as these are not made yet."""
    content = ticket.content
    if content is None:
        return []
    whole = user.is_admin or ticket.applicant_id == user.pk
    return [
        *own_plans(content.plans, program, hidden),
        *childrens_plans(content.children, program, hidden, released(visits), whole=whole),
    ]


def coming(ticket: Ticket, program: Program, visits: list[NodeVisit]) -> list[Step]:
    """The part of the chain that is still to come, judged by today's organisation; empty for a final ticket."""
    if ticket.state in FINAL or ticket.content is None:
        return []
    starts: list[str | None] = [program.start]
    forks: set[str] = set()
    if ticket.state not in (TicketState.DRAFT, TicketState.RETURNED):
        opened = [visit for visit in visits if visit.state == OPEN]
        forks = {visit.node for visit in opened if visit.type == "parallel"}
        starts = [start for visit in opened for start in _behind(visit, program)]
    asked = circumstances(ticket, program, Organisation())
    steps: dict[str, Step] = {}
    try:
        for start in starts:
            if start is not None:
                found = route(
                    program, asked.facts, asked.applicant, asked.organisation, start,
                    chosen=asked.chosen, barred=asked.barred,
                )  # fmt: skip
                steps |= {step.node: step for step in found if step.node not in steps}
    except Unplannable:
        return list(steps.values())
    # What is left of the branches, the innermost first, comes before what follows their forks.
    return sorted(steps.values(), key=lambda step: -sum(1 for fork, _branch in step.within if fork in forks))


def _behind(visit: NodeVisit, program: Program) -> list[str | None]:
    """Where it goes on when an open visit is done: behind its node, or at the nodes that are to be come back to."""
    if visit.reopen:
        return [key for key in visit.reopen if program.node(key)["type"] != "parallel"]
    return [] if visit.type == "parallel" else [program.node(visit.node)["next"]]


def people_of(
    ticket: Ticket, visits: list[NodeVisit], tasks: list[ApprovalTask], upcoming: list[Step]
) -> dict[str, dict[str, str]]:
    """Username → {name} of everybody who appears."""
    users = [ticket.applicant]
    for task in tasks:
        users += [user for user in (task.assignee, task.decided_by) if user]
    names = {user.username: {"name": user.name} for user in users}
    names |= {p.username: {"name": p.name} for step in upcoming for p in acting(step)}
    queued = {entry["username"] for visit in visits if visit.type in PEOPLE for entry in visit.queue} - names.keys()
    waiting = User.objects.filter(username__in=queued).values_list("username", "name") if queued else ()
    return names | {username: {"name": name} for username, name in waiting}


def allowed_actions(
    ticket: Ticket, user: User, visits: list[NodeVisit], tasks: list[dict[str, Any]], program: Program
) -> list[str]:
    """The verbs this person may use on this ticket now; the page draws its buttons from them."""
    verbs = ["comments", "watch"]
    if ticket.applicant_id == user.pk:
        verbs.append("copy")
        verbs += {TicketState.DRAFT: ["submit"], TicketState.RETURNED: ["resubmit"]}.get(ticket.state, [])
        if ticket.state == TicketState.COMPLETED and ticket.rating is None and program.document.get("rating", False):
            verbs.append("rate")
    running = any(
        visit.state == OPEN and visit.is_running for visit in visits
    )  # ended as a job, never walked away from
    if ticket.state not in FINAL and can_withdraw(ticket, user) and not running:
        verbs.append("withdraw")
    others = any(t["state"] == TaskState.PENDING and t["assignee"] != user.username for t in tasks)
    if others and (ticket.applicant_id == user.pk or user.is_admin):
        verbs.append("remind")
    if user.is_admin and any(visit.state == OPEN and visit.type in PEOPLE for visit in visits):
        verbs.append("reassign")
    if ticket.state not in FINAL:
        verbs.append("attachments")
    return sorted({*verbs, *(verb for task in tasks for verb in task["allowed_actions"])})
