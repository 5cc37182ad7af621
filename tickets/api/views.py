"""Tickets: is this JSON well formed? Parse, call one command or query, render."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from accounts.api.idempotency import idempotent, limited
from accounts.authentication import caller
from config.asking import choice, known
from config.inputs import NothingInput, checked
from config.paging import page
from config.schema import PAGING, listing
from tickets.api import inputs, outputs
from tickets.api.filters import list_filters
from tickets.commands import submit as submitting
from tickets.commands import talk
from tickets.commands.copying import copy
from tickets.commands.reassign import reassign
from tickets.commands.withdraw import withdraw
from tickets.models import Ticket
from tickets.models.ticket import Priority
from tickets.queries import lists
from tickets.queries.detail import hidden_from, present, ticket_detail
from tickets.queries.timeline import timeline
from tickets.queries.visible import get_visible
from tickets.states import TicketState

LIST = [
    *PAGING,
    OpenApiParameter("box", str, enum=list(lists.BOXES), description="Default: all."),
    OpenApiParameter("state", str, enum=TicketState.values),
    OpenApiParameter("priority", str, enum=Priority.values),
    OpenApiParameter("template", str, description="The key of a template."),
    OpenApiParameter("applicant", str, description="A username."),
    OpenApiParameter("q", str, description="Part of a number or of a title."),
    OpenApiParameter("created_from", str, description="A time with its offset, or a day of the company's zone."),
    OpenApiParameter("created_to", str, description="Up to this time, which is left out, or to the end of this day."),
    OpenApiParameter("stuck", bool, description="Only tickets that nobody can move."),
]


def answer(ticket: Ticket, request: Request, status: int = 200) -> Response:
    """The ticket after a command."""
    return Response(present(ticket, caller(request), timezone.now()), status=status)


def body_for(request: Request, number: str, shape: type[Serializer]) -> dict[str, Any]:
    """The checked body of a call on this ticket. Who may not see the ticket learns nothing of how it was judged (I23).

    Raises NotFound, ValidationError.
    """
    try:
        return checked(shape, request.data)
    except ValidationError:
        get_visible(caller(request), number, timezone.now())
        raise


class TicketsView(APIView):
    """GET, POST tickets."""

    @extend_schema(
        parameters=LIST,
        responses=listing(outputs.TicketRowOutput),
    )
    def get(self, request: Request) -> Response:
        """One box, newest first."""
        query = known(request, LIST)
        box = choice(query, "box", list(lists.BOXES)) or "all"
        found = lists.ticket_list(caller(request), box, list_filters(query), page(query), timezone.now())
        return Response(found)

    @extend_schema(request=inputs.CreateInput, responses={201: outputs.TicketOutput})
    @idempotent
    @limited("tickets")
    def post(self, request: Request) -> Response:
        """A new ticket, handed in at once unless `draft`."""
        given = checked(inputs.CreateInput, request.data)
        return answer(submitting.create(actor=caller(request), at=timezone.now(), **given), request, 201)


class TicketView(APIView):
    """GET, PATCH tickets/{number}."""

    @extend_schema(responses=outputs.TicketOutput)
    def get(self, request: Request, number: str) -> Response:
        """Everything I may see of it, and what I may do."""
        return Response(ticket_detail(caller(request), number, timezone.now()))

    @extend_schema(request=inputs.DraftInput, responses=outputs.TicketOutput)
    def patch(self, request: Request, number: str) -> Response:
        """Keep a draft as it is now."""
        given = body_for(request, number, inputs.DraftInput)
        get_visible(caller(request), number, timezone.now())
        return answer(submitting.keep(number=number, actor=caller(request), at=timezone.now(), **given), request)


class EventsView(APIView):
    """GET tickets/{number}/events."""

    @extend_schema(parameters=PAGING, responses=outputs.TimelineOutput)
    def get(self, request: Request, number: str) -> Response:
        """The audit trail, oldest first."""
        now = timezone.now()
        ticket = get_visible(caller(request), number, now)
        hidden = hidden_from(caller(request), ticket, now)
        return Response(timeline(ticket, page(known(request, PAGING)), caller(request), hidden))


class SubmitView(APIView):
    """POST tickets/{number}/submit."""

    @extend_schema(request=inputs.DraftInput, responses=outputs.TicketOutput)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Hand in a draft."""
        given = body_for(request, number, inputs.DraftInput)
        get_visible(caller(request), number, timezone.now())
        return answer(submitting.submit(number=number, actor=caller(request), at=timezone.now(), **given), request)


class ResubmitView(APIView):
    """POST tickets/{number}/resubmit."""

    @extend_schema(request=inputs.FormInput, responses=outputs.TicketOutput)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Hand in a returned ticket again."""
        given = body_for(request, number, inputs.FormInput)
        get_visible(caller(request), number, timezone.now())
        return answer(submitting.resubmit(number=number, actor=caller(request), at=timezone.now(), **given), request)


class WithdrawView(APIView):
    """POST tickets/{number}/withdraw."""

    @extend_schema(request=inputs.CommentInput, responses=outputs.TicketOutput)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Take it back."""
        given = body_for(request, number, inputs.CommentInput)
        return answer(withdraw(number=number, actor=caller(request), at=timezone.now(), **given), request)


class RemindView(APIView):
    """POST tickets/{number}/remind."""

    @extend_schema(request=NothingInput, responses=outputs.TicketOutput)
    @idempotent
    @limited("comments")
    def post(self, request: Request, number: str) -> Response:
        """Ask everybody else who is being waited for again."""
        body_for(request, number, NothingInput)
        return answer(talk.remind(number=number, actor=caller(request), at=timezone.now()), request)


class RateView(APIView):
    """POST tickets/{number}/rate."""

    @extend_schema(request=inputs.RateInput, responses=outputs.TicketOutput)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Judge a completed ticket, once."""
        given = body_for(request, number, inputs.RateInput)
        return answer(talk.rate(number=number, actor=caller(request), at=timezone.now(), **given), request)


class CommentsView(APIView):
    """POST tickets/{number}/comments."""

    @extend_schema(request=inputs.TalkInput, responses={201: outputs.TicketOutput})
    @idempotent
    @limited("comments")
    def post(self, request: Request, number: str) -> Response:
        """Say something."""
        given = body_for(request, number, inputs.TalkInput)
        return answer(talk.comment(number=number, actor=caller(request), at=timezone.now(), **given), request, 201)


class WatchView(APIView):
    """POST tickets/{number}/watch."""

    @extend_schema(request=inputs.WatchInput, responses=outputs.TicketOutput)
    @idempotent
    @limited("comments")
    def post(self, request: Request, number: str) -> Response:
        """Let others see it."""
        given = body_for(request, number, inputs.WatchInput)
        return answer(talk.watch(number=number, actor=caller(request), at=timezone.now(), **given), request)


class ReassignView(APIView):
    """POST tickets/{number}/reassign."""

    @extend_schema(request=inputs.ReassignInput, responses=outputs.TicketOutput)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Put others in place of those a node waits for; administrators only."""
        given = body_for(request, number, inputs.ReassignInput)
        return answer(reassign(number=number, actor=caller(request), at=timezone.now(), **given), request)


class CopyView(APIView):
    """POST tickets/{number}/copy."""

    @extend_schema(request=NothingInput, responses={201: outputs.TicketOutput})
    @idempotent
    @limited("tickets")
    def post(self, request: Request, number: str) -> Response:
        """A new draft of mine with the same values, as far as the template takes them today; no decision is copied."""
        body_for(request, number, NothingInput)
        return answer(copy(number=number, actor=caller(request), at=timezone.now()), request, 201)
