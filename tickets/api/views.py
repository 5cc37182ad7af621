"""Tickets and tasks: is this JSON well formed? Parse, call one command or query, render."""

from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.idempotency import idempotent
from accounts.authentication import caller, channel
from config.errors import DomainError
from config.inputs import checked
from config.paging import page
from config.schema import PAGING, listing
from tickets.api import serializers as shapes
from tickets.commands import submit as submitting
from tickets.commands import talk
from tickets.commands.decide import Verb, decide, in_lock_order
from tickets.commands.withdraw import withdraw
from tickets.models import Ticket
from tickets.models.ticket import Priority
from tickets.queries import lists
from tickets.queries.detail import present, ticket_detail
from tickets.queries.inbox import inbox
from tickets.queries.timeline import timeline
from tickets.queries.visible import get_visible
from tickets.states import TaskState, TicketState


def answer(ticket: Ticket, request: Request, status: int = 200) -> Response:
    """The ticket after a command."""
    return Response(present(ticket, caller(request), timezone.now()), status=status)


def _choice(query: Any, name: str, allowed: list[str]) -> str | None:
    given = query.get(name)
    if given and given not in allowed:
        message = _("One of: %(allowed)s.") % {"allowed": ", ".join(allowed)}
        raise ValidationError({name: [ErrorDetail(message, code="not_an_option")]})
    return given or None


def _moment(query: Any, name: str) -> Any:
    given = query.get(name)
    if not given:
        return None
    try:
        found = parse_datetime(given)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        message = _("A time with its offset, such as 2026-11-21T09:00:00+08:00.")
        raise ValidationError({name: [ErrorDetail(message, code="bad_datetime")]})
    return found


def list_filters(query: Any) -> dict[str, Any]:
    """The filters that a list's query names; nothing else of the query is looked at (A38)."""
    filters = {
        "state": _choice(query, "state", TicketState.values),
        "priority": _choice(query, "priority", Priority.values),
        "template": query.get("template"),
        "applicant": query.get("applicant"),
        "q": query.get("q", "").strip()[:100],
        "created_from": _moment(query, "created_from"),
        "created_to": _moment(query, "created_to"),
        "stuck": _choice(query, "stuck", ["true", "false"]) == "true",
    }
    return {key: value for key, value in filters.items() if value}


class TicketsView(APIView):
    """GET, POST tickets."""

    @extend_schema(
        parameters=[
            *PAGING,
            OpenApiParameter("box", str, enum=list(lists.BOXES), description="Default: all."),
            OpenApiParameter("stuck", bool, description="Only tickets that nobody can move."),
            *(OpenApiParameter(name, str) for name in (*lists.FILTERS, "q", "created_from", "created_to")),
        ],
        responses=listing(shapes.TicketRowOutput),
    )
    def get(self, request: Request) -> Response:
        """One box, newest first."""
        query = request.query_params
        box = _choice(query, "box", list(lists.BOXES)) or "all"
        found = lists.ticket_list(caller(request), box, list_filters(query), page(query), timezone.now())
        return Response(found)

    @extend_schema(request=shapes.CreateInput, responses={201: shapes.TicketOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """A new ticket, handed in at once unless `draft`."""
        given = checked(shapes.CreateInput, request.data)
        return answer(submitting.create(actor=caller(request), at=timezone.now(), **given), request, 201)


class TicketView(APIView):
    """GET tickets/{number}."""

    @extend_schema(responses=shapes.TicketOutput)
    def get(self, request: Request, number: str) -> Response:
        """Everything I may see of it, and what I may do."""
        return Response(ticket_detail(caller(request), number, timezone.now()))


class EventsView(APIView):
    """GET tickets/{number}/events."""

    @extend_schema(parameters=PAGING, responses=shapes.TimelineOutput)
    def get(self, request: Request, number: str) -> Response:
        """The audit trail, oldest first."""
        ticket = get_visible(caller(request), number, timezone.now())
        return Response(timeline(ticket, page(request.query_params)))


class SubmitView(APIView):
    """POST tickets/{number}/submit."""

    @extend_schema(request=shapes.FormInput, responses=shapes.TicketOutput)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Hand in a draft."""
        given = checked(shapes.FormInput, request.data)
        get_visible(caller(request), number, timezone.now())
        return answer(submitting.submit(number=number, actor=caller(request), at=timezone.now(), **given), request)


class ResubmitView(APIView):
    """POST tickets/{number}/resubmit."""

    @extend_schema(request=shapes.FormInput, responses=shapes.TicketOutput)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Hand in a returned ticket again."""
        given = checked(shapes.FormInput, request.data)
        get_visible(caller(request), number, timezone.now())
        return answer(submitting.resubmit(number=number, actor=caller(request), at=timezone.now(), **given), request)


class WithdrawView(APIView):
    """POST tickets/{number}/withdraw."""

    @extend_schema(request=shapes.CommentInput, responses=shapes.TicketOutput)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Take it back."""
        given = checked(shapes.CommentInput, request.data)
        return answer(withdraw(number=number, actor=caller(request), at=timezone.now(), **given), request)


class RemindView(APIView):
    """POST tickets/{number}/remind."""

    @extend_schema(request=None, responses=shapes.TicketOutput)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Ask everybody who is being waited for again."""
        return answer(talk.remind(number=number, actor=caller(request), at=timezone.now()), request)


class RateView(APIView):
    """POST tickets/{number}/rate."""

    @extend_schema(request=shapes.RateInput, responses=shapes.TicketOutput)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Judge a completed ticket, once."""
        given = checked(shapes.RateInput, request.data)
        return answer(talk.rate(number=number, actor=caller(request), at=timezone.now(), **given), request)


class CommentsView(APIView):
    """POST tickets/{number}/comments."""

    @extend_schema(request=shapes.TalkInput, responses={201: shapes.TicketOutput})
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Say something."""
        given = checked(shapes.TalkInput, request.data)
        return answer(talk.comment(number=number, actor=caller(request), at=timezone.now(), **given), request, 201)


class WatchView(APIView):
    """POST tickets/{number}/watch."""

    @extend_schema(request=shapes.WatchInput, responses=shapes.TicketOutput)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Let others see it."""
        given = checked(shapes.WatchInput, request.data)
        return answer(talk.watch(number=number, actor=caller(request), at=timezone.now(), **given), request)


class CopyView(APIView):
    """POST tickets/{number}/copy."""

    @extend_schema(request=None, responses={201: shapes.TicketOutput})
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """A new draft with the same values, under the template's version of today; no decision is copied (A33)."""
        source = get_visible(caller(request), number, timezone.now())
        ticket = submitting.create(
            template=source.template_version.template.key,
            form=source.content.form if source.content else {},
            title=source.title,
            priority=source.priority,
            actor=caller(request),
            at=timezone.now(),
            draft=True,
        )
        return answer(ticket, request, 201)


class TasksView(APIView):
    """GET tasks."""

    @extend_schema(
        parameters=[*PAGING, OpenApiParameter("state", str, enum=TaskState.values)],
        responses=listing(shapes.InboxTaskOutput),
    )
    def get(self, request: Request) -> Response:
        """My tasks, and those I act on as a proxy."""
        query = request.query_params
        state = _choice(query, "state", TaskState.values)
        return Response(inbox(caller(request), state, page(query), timezone.now()))


class DecisionView(APIView):
    """POST tasks/{id}/approve, confirm, veto, return."""

    verb: Verb
    shape: type = shapes.DecisionInput

    @extend_schema(responses=shapes.TicketOutput)
    @idempotent
    def post(self, request: Request, task_id: int) -> Response:
        """Decide."""
        given = checked(self.shape, request.data)
        given.pop("to", None)
        ticket = decide(
            task_id=task_id,
            verb=self.verb,
            actor=caller(request),
            at=timezone.now(),
            channel=channel(request),
            **given,
        )
        return answer(ticket, request)


class ApproveView(extend_schema(request=shapes.DecisionInput)(DecisionView)):  # type: ignore[misc]
    """POST tasks/{id}/approve."""

    verb = "approve"


class ConfirmView(extend_schema(request=shapes.DecisionInput)(DecisionView)):  # type: ignore[misc]
    """POST tasks/{id}/confirm."""

    verb = "confirm"


class VetoView(extend_schema(request=shapes.DecisionInput)(DecisionView)):  # type: ignore[misc]
    """POST tasks/{id}/veto."""

    verb = "veto"


class ReturnView(extend_schema(request=shapes.ReturnInput)(DecisionView)):  # type: ignore[misc]
    """POST tasks/{id}/return."""

    verb = "return"
    shape = shapes.ReturnInput


class BulkView(APIView):
    """POST tasks/bulk."""

    @extend_schema(request=shapes.BulkInput, responses=shapes.BulkResultOutput(many=True))
    @idempotent
    def post(self, request: Request) -> Response:
        """Decide several tasks, each judged alone (A15)."""
        given = checked(shapes.BulkInput, request.data)
        done = {task_id: self._one(request, task_id, given) for task_id in in_lock_order(given["ids"])}
        return Response([done[task_id] for task_id in dict.fromkeys(given["ids"])])

    @staticmethod
    def _one(request: Request, task_id: int, given: dict[str, Any]) -> dict[str, Any]:
        try:
            decide(
                task_id=task_id,
                verb=given["action"],
                actor=caller(request),
                at=timezone.now(),
                channel=channel(request),
                comment=given["comment"],
            )
        except DomainError as error:
            return {"id": task_id, "ok": False, "code": error.code}
        return {"id": task_id, "ok": True}
