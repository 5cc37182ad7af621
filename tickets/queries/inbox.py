"""My tasks, and those I act on as a proxy."""

from datetime import datetime
from typing import Any

from accounts.models import User
from config.paging import Page
from templates_engine.program import load
from tickets.loading import load_all
from tickets.models import ApprovalTask, NodeVisit
from tickets.queries.lists import seats_of
from tickets.queries.tasks import Reader, reader_of, task_row
from tickets.queries.visible import held_by


def inbox(user: User, state: str | None, page: Page, at: datetime) -> dict[str, Any]:
    """{results, next}: tasks as a ticket shows them, with their ticket; newest first. Three statements.

    Those of a principal too; `acting_for` names him.
    """
    held = held_by(user, at)
    tasks = ApprovalTask.objects.filter(seats_of(user, held)).order_by("-id")
    if state:
        tasks = tasks.filter(state=state)
    if page.after is not None:
        tasks = tasks.filter(pk__lt=page.after)
    rows = list(tasks.select_related("ticket__applicant")[: page.limit + 1])
    answer = page.answer(rows, lambda task: task.pk)
    tickets = {task.ticket_id: task.ticket for task in answer["results"]}
    reader = reader_of(user, {user.pk, *(proxy.principal_id for proxy in held)}, answer["results"])
    around = load_all(tickets.values())
    answer["results"] = [_row(task.pk, *around[task.ticket_id], reader) for task in answer["results"]]
    return answer


def _row(task_id: int, visits: list[NodeVisit], tasks: list[ApprovalTask], reader: Reader) -> dict[str, Any]:
    task = next(task for task in tasks if task.pk == task_id)
    siblings = [other for other in tasks if other.visit_id == task.visit_id]
    ticket = task.ticket
    return task_row(task, ticket, siblings, visits, reader) | {
        "ticket": {
            "number": ticket.number,
            "title": ticket.title,
            "template": load(ticket.template_version_id).key,
            "applicant": ticket.applicant.username,
            "state": ticket.state,
            "version": ticket.version,
        },
    }
