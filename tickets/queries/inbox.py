"""My tasks, and those I act on as a proxy."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from accounts.models import User
from config.paging import Page
from templates_engine.program import load
from tickets.models import ApprovalTask, NodeVisit
from tickets.queries.lists import seats_of
from tickets.queries.tasks import Reader, task_row
from tickets.queries.visible import principals


def inbox(user: User, state: str | None, page: Page, at: datetime) -> dict[str, Any]:
    """{results, next}: tasks as a ticket shows them, with their ticket; newest first. Four statements.

    `acting_for` names the principal where the task is somebody else's.
    """
    held = list(principals(user, at))
    tasks = ApprovalTask.objects.filter(seats_of(user, held)).order_by("-id")
    if state:
        tasks = tasks.filter(state=state)
    if page.after is not None:
        tasks = tasks.filter(pk__lt=page.after)
    rows = list(
        tasks.select_related("assignee", "decided_by", "visit", "ticket__applicant", "ticket__content")[
            : page.limit + 1
        ]
    )
    reader = Reader(user, {user.pk, *(proxy.principal_id for proxy in held)})
    answer = page.answer(rows, lambda task: task.pk)
    siblings: defaultdict[int, list[ApprovalTask]] = defaultdict(list)
    around = ApprovalTask.objects.filter(visit__in=[task.visit_id for task in answer["results"]])
    for task in around.select_related("assignee").order_by("id"):
        siblings[task.visit_id].append(task)
    visits: defaultdict[int, list[NodeVisit]] = defaultdict(list)
    for visit in NodeVisit.objects.filter(ticket__in=[t.ticket_id for t in answer["results"]]).order_by("id"):
        visits[visit.ticket_id].append(visit)
    answer["results"] = [
        _row(task, siblings[task.visit_id], visits[task.ticket_id], reader) for task in answer["results"]
    ]
    return answer


def _row(task: ApprovalTask, siblings: list[ApprovalTask], visits: list[NodeVisit], reader: Reader) -> dict[str, Any]:
    ticket = task.ticket
    for other in siblings:
        other.visit = task.visit
    return task_row(task, ticket, siblings, visits, reader) | {
        "acting_for": None if task.assignee_id == reader.user.pk else task.assignee.username,
        "ticket": {
            "number": ticket.number,
            "title": ticket.title,
            "template": load(ticket.template_version_id).key,
            "applicant": ticket.applicant.username,
            "state": ticket.state,
            "version": ticket.version,
        },
    }
