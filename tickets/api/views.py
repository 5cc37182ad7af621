"""API of tickets. Views parse the request, call one command or query, and render the result."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from accounts.access.authentication import caller
from accounts.api.beside import ReadsBeside
from accounts.api.idempotency import idempotent, limited
from accounts.fragments import Fragment
from common.asking import choice, known
from common.inputs import NothingInput, checked
from common.paging import Page, page
from common.schema import PAGING, listing
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
from tickets.queries.detail import hidden_from, present, shown
from tickets.queries.reading import reading
from tickets.queries.timeline import timeline
from tickets.queries.visible import finding, get_visible, seen
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
    """The response with the ticket after a command."""
    return Response(present(ticket, caller(request), timezone.now()), status=status)


def body_for(request: Request, number: str, shape: type[Serializer]) -> dict[str, Any]:
    """The checked body of a call on this ticket. If the caller may not see the ticket, errors are not shown (I23).

    Raises NotFound, ValidationError.
    """
    try:
        return checked(shape, request.data)
    except ValidationError:
        get_visible(caller(request), number, timezone.now())
        raise


class TicketsView(ReadsBeside):
    """GET, POST tickets."""

    def fragment(self, request: Request) -> Fragment | None:
        """The page of the list, if it can be read together with the caller."""
        return lists.beside(*self._asked(request), timezone.now())

    @staticmethod
    def _asked(request: Request) -> tuple[str, dict[str, Any], Page]:
        query = known(request, LIST)
        return choice(query, "box", list(lists.BOXES)) or "all", list_filters(query), page(query)

    @extend_schema(
        parameters=LIST,
        responses=listing(outputs.TicketRowOutput),
    )
    def get(self, request: Request) -> Response:
        """List one box of tickets, newest first."""
        asked, now = self._asked(request), timezone.now()
        return Response(lists.ticket_list(caller(request), *asked, now, found=self.found(request)))

    @extend_schema(request=inputs.CreateInput, responses={201: outputs.TicketOutput})
    @idempotent
    @limited("tickets")
    def post(self, request: Request) -> Response:
        """Create a ticket and submit it at once, unless `draft`."""
        given = checked(inputs.CreateInput, request.data)
        return answer(submitting.create(actor=caller(request), at=timezone.now(), **given), request, 201)


class TicketView(ReadsBeside):
    """GET, PATCH tickets/{number}."""

    def fragment(self, _request: Request) -> Fragment:
        """Everything of the ticket, if the caller may see it."""
        return reading(self.kwargs["number"], timezone.now())

    @extend_schema(responses=outputs.TicketOutput)
    def get(self, request: Request, number: str) -> Response:  # noqa: ARG002 (the fragment has read it)
        """Show everything I may see of the ticket, and what I may do."""
        return Response(shown(caller(request), self.found(request), timezone.now()))

    @extend_schema(request=inputs.DraftInput, responses=outputs.TicketOutput)
    def patch(self, request: Request, number: str) -> Response:
        """Save a draft."""
        given = body_for(request, number, inputs.DraftInput)
        get_visible(caller(request), number, timezone.now())
        return answer(submitting.keep(number=number, actor=caller(request), at=timezone.now(), **given), request)


class EventsView(ReadsBeside):
    """GET tickets/{number}/events."""

    def fragment(self, _request: Request) -> Fragment:
        """The ticket, if the caller may see it."""
        return finding(self.kwargs["number"], timezone.now())

    @extend_schema(parameters=PAGING, responses=outputs.TimelineOutput)
    def get(self, request: Request, number: str) -> Response:  # noqa: ARG002 (the fragment has read it)
        """List the audit trail, oldest first."""
        now = timezone.now()
        ticket = seen(caller(request), self.found(request))
        hidden = hidden_from(caller(request), ticket, now)
        return Response(timeline(ticket, page(known(request, PAGING)), caller(request), hidden))


class SubmitView(APIView):
    """POST tickets/{number}/submit."""

    @extend_schema(request=inputs.DraftInput, responses=outputs.TicketOutput)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Submit a draft."""
        given = body_for(request, number, inputs.DraftInput)
        get_visible(caller(request), number, timezone.now())
        return answer(submitting.submit(number=number, actor=caller(request), at=timezone.now(), **given), request)


class ResubmitView(APIView):
    """POST tickets/{number}/resubmit."""

    @extend_schema(request=inputs.FormInput, responses=outputs.TicketOutput)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Submit a returned ticket again."""
        given = body_for(request, number, inputs.FormInput)
        get_visible(caller(request), number, timezone.now())
        return answer(submitting.resubmit(number=number, actor=caller(request), at=timezone.now(), **given), request)


class WithdrawView(APIView):
    """POST tickets/{number}/withdraw."""

    @extend_schema(request=inputs.CommentInput, responses=outputs.TicketOutput)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Withdraw a ticket."""
        given = body_for(request, number, inputs.CommentInput)
        return answer(withdraw(number=number, actor=caller(request), at=timezone.now(), **given), request)


class RemindView(APIView):
    """POST tickets/{number}/remind."""

    @extend_schema(request=NothingInput, responses=outputs.TicketOutput)
    @idempotent
    @limited("comments")
    def post(self, request: Request, number: str) -> Response:
        """Remind all others who have pending tasks."""
        body_for(request, number, NothingInput)
        return answer(talk.remind(number=number, actor=caller(request), at=timezone.now()), request)


class RateView(APIView):
    """POST tickets/{number}/rate."""

    @extend_schema(request=inputs.RateInput, responses=outputs.TicketOutput)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Rate a completed ticket, once."""
        given = body_for(request, number, inputs.RateInput)
        return answer(talk.rate(number=number, actor=caller(request), at=timezone.now(), **given), request)


class CommentsView(APIView):
    """POST tickets/{number}/comments."""

    @extend_schema(request=inputs.TalkInput, responses={201: outputs.TicketOutput})
    @idempotent
    @limited("comments")
    def post(self, request: Request, number: str) -> Response:
        """Add a comment."""
        given = body_for(request, number, inputs.TalkInput)
        return answer(talk.comment(number=number, actor=caller(request), at=timezone.now(), **given), request, 201)


class WatchView(APIView):
    """POST tickets/{number}/watch."""

    @extend_schema(request=inputs.WatchInput, responses=outputs.TicketOutput)
    @idempotent
    @limited("comments")
    def post(self, request: Request, number: str) -> Response:
        """Let others see the ticket."""
        given = body_for(request, number, inputs.WatchInput)
        return answer(talk.watch(number=number, actor=caller(request), at=timezone.now(), **given), request)


class ReassignView(APIView):
    """POST tickets/{number}/reassign."""

    @extend_schema(request=inputs.ReassignInput, responses=outputs.TicketOutput)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Reassign a node to other people; administrators only."""
        given = body_for(request, number, inputs.ReassignInput)
        return answer(reassign(number=number, actor=caller(request), at=timezone.now(), **given), request)


class CopyView(APIView):
    """POST tickets/{number}/copy."""

    @extend_schema(request=NothingInput, responses={201: outputs.TicketOutput})
    @idempotent
    @limited("tickets")
    def post(self, request: Request, number: str) -> Response:
        """Create a draft with the same values, as far as the template accepts them today; no decision is copied."""
        body_for(request, number, NothingInput)
        return answer(copy(number=number, actor=caller(request), at=timezone.now()), request, 201)
