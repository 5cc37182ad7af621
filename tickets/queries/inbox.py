"""Tasks of a person, and those they may decide as a proxy."""

from datetime import datetime
from typing import Any

from accounts.models import User
from common.paging import Page
from templates_engine.store.programs import load
from tickets.engine.loading import load_all
from tickets.models import ApprovalTask, NodeVisit
from tickets.queries.seats import seats_of
from tickets.queries.tasks import reader_of, task_row
from tickets.queries.visible import held_by_caller
from tickets.rules.rights import Reader


def inbox(user: User, state: str | None, page: Page, at: datetime) -> dict[str, Any]:
    """{results, next}: tasks as in a ticket, each with its ticket; newest first. Three statements.

    Includes tasks of principals; `acting_for` names the principal.
    """
    held = held_by_caller(user, at)
    tasks = ApprovalTask.objects.filter(pk__in=seats_of(user, at)).order_by("-id")
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
    ticket = task.ticket
    return task_row(task, ticket, (visits, tasks), reader) | {
        "ticket": {
            "number": ticket.number,
            "title": ticket.title,
            "template": load(ticket.template_version_id).key,
            "applicant": ticket.applicant.username,
            "state": ticket.state,
            "version": ticket.version,
        },
    }
