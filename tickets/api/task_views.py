"""API of tasks: inbox and decisions."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access.authentication import caller, channel
from accounts.api.beside import ReadsBeside
from accounts.api.idempotency import idempotent, is_kept
from accounts.fragments import Fragment
from common.asking import choice, known
from common.errors import DomainError
from common.inputs import checked
from common.paging import page
from common.retrying import retried
from common.schema import PAGING, listing
from tickets.api import inputs, outputs
from tickets.api.views import answer
from tickets.commands import signers
from tickets.commands.decide import decide, decide_within, in_lock_order
from tickets.engine.foretold import Foretold, ticket_of
from tickets.models import Ticket
from tickets.queries.inbox import inbox
from tickets.rules.rights import Verb
from tickets.states import TaskState

INBOX = [*PAGING, OpenApiParameter("state", str, enum=TaskState.values)]


class TasksView(APIView):
    """GET tasks."""

    @extend_schema(
        parameters=INBOX,
        responses=listing(outputs.InboxTaskOutput),
    )
    def get(self, request: Request) -> Response:
        """My tasks, and those I may decide as a proxy."""
        query = known(request, INBOX)
        state = choice(query, "state", TaskState.values)
        return Response(inbox(caller(request), state, page(query), timezone.now()))


class DecisionView(ReadsBeside):
    """POST tasks/{id}/approve, confirm, veto, return."""

    verb: Verb
    shape: type = inputs.DecisionInput
    reads_on = "POST"

    def fragment(self, request: Request) -> Fragment:  # noqa: ARG002 (the same for every body)
        """What tells which rows the decision will need."""
        return ticket_of(self.kwargs["task_id"])

    @extend_schema(responses=outputs.TicketOutput)
    @idempotent
    def post(self, request: Request, task_id: int) -> Response:
        """Decide a task."""
        given = checked(self.shape, request.data)
        found = self.found_before(request)
        command = decide_within if is_kept(request) else decide
        ticket = command(
            task_id=task_id,
            verb=self.verb,
            actor=caller(request),
            channel=channel(request),
            foretold=Foretold(**found) if found else None,
            **given,
        )
        return answer(ticket, request)


class ApproveView(extend_schema(request=inputs.DecisionInput)(DecisionView)):  # type: ignore[misc]
    """POST tasks/{id}/approve."""

    verb = "approve"


class ConfirmView(extend_schema(request=inputs.DecisionInput)(DecisionView)):  # type: ignore[misc]
    """POST tasks/{id}/confirm."""

    verb = "confirm"


class VetoView(extend_schema(request=inputs.VetoInput)(DecisionView)):  # type: ignore[misc]
    """POST tasks/{id}/veto."""

    verb = "veto"
    shape = inputs.VetoInput


class ReturnView(extend_schema(request=inputs.ReturnInput)(DecisionView)):  # type: ignore[misc]
    """POST tasks/{id}/return."""

    verb = "return"
    shape = inputs.ReturnInput


class SeatsView(APIView):
    """POST tasks/{id}/transfer, add_sign, remove_sign."""

    command: Callable[..., Ticket]
    shape: type

    @extend_schema(responses=outputs.TicketOutput)
    @idempotent
    def post(self, request: Request, task_id: int) -> Response:
        """Transfer the task, or add or remove signatures."""
        given = checked(self.shape, request.data)
        ticket = type(self).command(task_id=task_id, actor=caller(request), channel=channel(request), **given)
        return answer(ticket, request)


class TransferView(extend_schema(request=inputs.PeopleInput)(SeatsView)):  # type: ignore[misc]
    """POST tasks/{id}/transfer."""

    command = staticmethod(signers.transfer)
    shape = inputs.PeopleInput


class AddSignView(extend_schema(request=inputs.AddSignInput)(SeatsView)):  # type: ignore[misc]
    """POST tasks/{id}/add_sign."""

    command = staticmethod(signers.add_sign)
    shape = inputs.AddSignInput


class RemoveSignView(extend_schema(request=inputs.PeopleInput)(SeatsView)):  # type: ignore[misc]
    """POST tasks/{id}/remove_sign."""

    command = staticmethod(signers.remove_sign)
    shape = inputs.PeopleInput


class BulkView(APIView):
    """POST tasks/bulk."""

    @extend_schema(request=inputs.BulkInput, responses=outputs.BulkResultOutput(many=True))
    @idempotent
    def post(self, request: Request) -> Response:
        """Decide several tasks; each is checked alone (A15)."""
        given = checked(inputs.BulkInput, request.data)
        items = {item["id"]: item for item in given["items"]}
        done = {task_id: self._one(request, items[task_id], given) for task_id in in_lock_order(items)}
        return Response([done[task_id] for task_id in items])

    @staticmethod
    def _one(request: Request, item: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        one = partial(
            decide, task_id=item["id"], verb=given["action"], actor=caller(request), channel=channel(request),
            comment=given["comment"], digest=item.get("digest"), ticket_version=item.get("ticket_version"),
            among_many=True,
        )  # fmt: skip
        try:
            retried(one)  # retried alone: retrying the whole request would find the others decided
        except DomainError as error:
            return {"id": item["id"], "ok": False, "code": error.code}
        return {"id": item["id"], "ok": True}
