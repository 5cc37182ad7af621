"""The detail page of one ticket."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import partial
from typing import Any

from accounts.fragments import read
from accounts.models import Proxy, User
from accounts.organisation.people import Organisation
from templates_engine.program.program import Program
from templates_engine.program.route import Step, Unplannable, route
from templates_engine.store.programs import load
from templates_engine.store.queries import acting, step_row
from tickets.content.drafts import renew
from tickets.content.signing import released
from tickets.engine.loading import Rows, load_rows
from tickets.engine.nodes import WALKERS
from tickets.engine.nodes.base import Page
from tickets.engine.walk import OPEN
from tickets.files.binding import hidden_files
from tickets.models import ApprovalTask, NodeVisit, Participant, Ticket
from tickets.models.node_visit import PEOPLE
from tickets.ports import planner
from tickets.queries.around import alone, around
from tickets.queries.foreseen import may_ask, settle_dry_runs
from tickets.queries.hidden import hidden_fields, shown_form, tells
from tickets.queries.plans import childrens_plans, own_plans
from tickets.queries.reading import reading, unpacked
from tickets.queries.tasks import task_row
from tickets.queries.visible import held_by_caller, seats_for
from tickets.rules.circumstances import circumstances
from tickets.rules.dry_run_rules import UNDER_WAY
from tickets.rules.returns import locked_fields
from tickets.rules.rights import Reader
from tickets.rules.ticket_rights import Asked, verbs_on
from tickets.states import TicketState
from tickets.states.ticket import FINAL


def ticket_detail(user: User, number: str, at: datetime) -> dict[str, Any]:
    """The ticket as this person may see it; marks a copy as seen. Raises NotFound."""
    return shown(user, read(reading(number, at), user), at)


def shown(user: User, found: dict[str, Any] | None, at: datetime) -> dict[str, Any]:
    """The same from the value of the fragment `reading`, read for this person."""
    ticket, rows, beside = unpacked(user, found)
    if beside["unseen"]:
        Participant.objects.filter(ticket=ticket, user=user, kind=Participant.Kind.CC).update(seen_at=at)
    return _page(ticket, user, rows, held_by_caller(user, at), beside)


def present(ticket: Ticket, user: User, at: datetime) -> dict[str, Any]:
    """The ticket as the API returns it after a command, with the verbs possible for this person now.

    What the command has just saved is not read again.
    """
    saved = ticket.saved if ticket.saved and ticket.saved.is_whole else None
    rows = (saved.visits, saved.tasks) if saved else load_rows(ticket)
    held, beside = held_by_caller(user, at), alone(ticket, user) or around(ticket, user, at)
    return _page(ticket, user, rows, held, beside, organisation=saved.organisation if saved else None)


def _allowed_actions(asked: Asked, tasks: Iterable[dict[str, Any]]) -> list[str]:
    """The verbs possible for this person now, on the ticket and on its tasks; the page draws its buttons from them."""
    return sorted({*verbs_on(asked), *(verb for task in tasks for verb in task["allowed_actions"])})


def _page(
    ticket: Ticket,
    user: User,
    rows: Rows,
    held: Collection[Proxy],
    beside: dict[str, Any],
    *,
    organisation: Organisation | None = None,
) -> dict[str, Any]:
    visits, tasks = rows
    if ticket.state == TicketState.DRAFT:
        renew(ticket)
    program = load(ticket.template_version_id)
    reader = Reader(user, seats_for(user, held, program.key), {tuple(move) for move in beside["moved"]})
    hidden = hidden_fields(program, ticket, user, tasks, reader.seats)
    upcoming = coming(ticket, program, visits, organisation or Organisation())
    asked = Asked(ticket, user, visits, tasks, takes_part=beside["sees"])
    shown_tasks = [task_row(task, ticket, (visits, tasks), reader) for task in tasks]
    page = Page(ticket, program, beside["children"], partial(tells, hidden=hidden))
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
        "plans": _plans(ticket, program, (visits, tasks), hidden, reader),
        "priority": ticket.priority,
        "created_at": ticket.created_at,
        "submitted_at": ticket.submitted_at,
        "finished_at": ticket.finished_at,
        "version": ticket.version,
        "nodes": [node_row(visit, page) for visit in visits],
        "upcoming": [step_row(step, program) for step in upcoming],
        "tasks": shown_tasks,
        "jobs": planner().jobs_of(ticket.pk) if any(visit.type == "automation" for visit in visits) else [],
        "children": beside["children"],
        "parent": beside["parent"],
        "attachments": _shown_files(beside["attachments"], ticket, program, hidden),
        "rating": {"score": ticket.rating, "comment": ticket.rating_comment} if ticket.rating else None,
        "allowed_actions": _allowed_actions(asked, shown_tasks),
        "people": people_of(ticket, tasks, upcoming, beside["queued"]),
    }


def hidden_from(user: User, ticket: Ticket, at: datetime) -> frozenset[str]:
    """The fields of this ticket that are hidden from this person; no statement if its form hides none."""
    program = load(ticket.template_version_id)
    if not any(field.get("hidden_at") for field in program.form):
        return frozenset()
    tasks = ApprovalTask.objects.filter(ticket=ticket).select_related("visit")
    return hidden_fields(program, ticket, user, tasks, seats_for(user, held_by_caller(user, at), program.key))


def _locked(ticket: Ticket, program: Program) -> list[str]:
    """The fields the applicant cannot change; of a sub-ticket all, because its parent's approvers signed them (I12)."""
    if ticket.parent_id is not None:
        return [field["key"] for field in program.form]
    return locked_fields(ticket, program)


def _shown_files(
    files: list[dict[str, Any]], ticket: Ticket, program: Program, hidden: Collection[str]
) -> list[dict[str, Any]]:
    """The files without those named only by hidden fields."""
    unseen = hidden_files(ticket.content.form, program.form, hidden) if ticket.content else ()
    return [file for file in files if file["id"] not in unseen]


def node_row(visit: NodeVisit, page: Page) -> dict[str, Any]:
    """One visit, with what its type says of its own."""
    program = page.program
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
        **WALKERS[visit.type].shown(visit, page),
    }


def _plans(
    ticket: Ticket,
    program: Program,
    rows: Rows,
    hidden: Collection[str],
    reader: Reader,
) -> list[dict[str, Any]]:
    """The plans that run, ran or would run, as signed here; with those of sub-tickets not created yet."""
    content = ticket.content
    if content is None:
        return []
    (visits, tasks), user = rows, reader.user
    whole = user.is_admin or ticket.applicant_id == user.pk
    gone = released(visits)
    foreseeable = any("dry_run" in plan for plan in content.plans.values())
    made = planner().dry_runs_of(ticket.pk) if foreseeable else {}
    own = own_plans(content.plans, program, hidden, ticket.foreseen, made)
    if foreseeable:
        open_ones = content.plans.keys() - gone if ticket.state in UNDER_WAY else set()
        settle_dry_runs(own, open_ones, may_ask=may_ask(ticket, user, reader.seats, tasks))
    return [
        *own,
        *childrens_plans(content.children, program, hidden, gone, whole=whole),
    ]


def coming(ticket: Ticket, program: Program, visits: list[NodeVisit], organisation: Organisation) -> list[Step]:
    """The part of the chain still to come, by today's organisation; empty for a final ticket."""
    if ticket.state in FINAL or ticket.content is None:
        return []
    starts: list[str | None] = [program.start]
    forks: set[str] = set()
    if ticket.state not in (TicketState.DRAFT, TicketState.RETURNED):
        opened = [visit for visit in visits if visit.state == OPEN]
        forks = {visit.node for visit in opened if visit.type == "parallel"}
        starts = [start for visit in opened for start in _behind(visit, program)]
    asked = circumstances(ticket, program, organisation)
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
    # Steps left in branches, innermost first, come before the steps behind their forks.
    return sorted(steps.values(), key=lambda step: -sum(1 for fork, _branch in step.within if fork in forks))


def _behind(visit: NodeVisit, program: Program) -> list[str | None]:
    """Where the walk goes on after an open visit: behind its node, or at the nodes to come back to."""
    if visit.reopen:
        return [key for key in visit.reopen if program.node(key)["type"] != "parallel"]
    return [] if visit.type == "parallel" else [program.node(visit.node)["next"]]


def people_of(
    ticket: Ticket, tasks: list[ApprovalTask], upcoming: list[Step], queued: dict[str, str]
) -> dict[str, dict[str, str]]:
    """Username → {name} of everybody who appears. queued: username → name of those who wait for their turn."""
    users = [ticket.applicant]
    for task in tasks:
        users += [user for user in (task.assignee, task.decided_by) if user]
    names = {user.username: {"name": user.name} for user in users}
    names |= {p.username: {"name": p.name} for step in upcoming for p in acting(step)}
    return {username: {"name": name} for username, name in queued.items()} | names
