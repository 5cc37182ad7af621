"""My tasks, and those I act on as a proxy."""

from datetime import datetime
from typing import Any

from accounts.models import User
from config.paging import Page
from templates_engine.program import load
from tickets.models import ApprovalTask
from tickets.queries.detail import task_row
from tickets.queries.lists import seats_of
from tickets.queries.visible import principals


def inbox(user: User, state: str | None, page: Page, at: datetime) -> dict[str, Any]:
    """{results, next}: tasks as a ticket shows them, with their ticket; newest first.

    `acting_for` names the principal where the task is somebody else's.
    """
    held = list(principals(user, at))
    tasks = ApprovalTask.objects.filter(seats_of(user, held)).order_by("-id")
    if state:
        tasks = tasks.filter(state=state)
    if page.after is not None:
        tasks = tasks.filter(pk__lt=page.after)
    rows = list(
        tasks.select_related(
            "assignee", "decided_by", "on_behalf_of", "visit", "ticket__applicant", "ticket__content",
        )[: page.limit + 1]
    )  # fmt: skip
    seats = {user.pk, *(proxy.principal_id for proxy in held)}
    answer = page.answer(rows, lambda task: task.pk)
    visits = [task.visit_id for task in answer["results"]]
    signed = set(ApprovalTask.objects.filter(visit__in=visits, decided_by=user).values_list("visit_id", flat=True))
    answer["results"] = [_row(task, seats, user, signed) for task in answer["results"]]
    return answer


def _row(task: ApprovalTask, seats: set[int], user: User, signed: set[int]) -> dict[str, Any]:
    ticket = task.ticket
    own = task.assignee_id == user.pk
    return task_row(task, ticket, seats, user, signed) | {
        "acting_for": None if own else task.assignee.username,
        "ticket": {
            "number": ticket.number,
            "title": ticket.title,
            "template": load(ticket.template_version_id).key,
            "applicant": ticket.applicant.username,
            "state": ticket.state,
            "version": ticket.version,
        },
    }
