"""API of jobs: lists, logs, and actions on one job."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, cast

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.idempotency import idempotent
from accounts.models import User
from automation.api import render
from automation.api import serializers as shapes
from automation.commands import by_hand, control
from automation.models import Job
from automation.queries.jobs import get_job, running_on, visible_jobs
from automation.queries.logs import read_log, search_log, whole_log
from automation.queries.queue import in_order, waiting
from automation.states import JobState
from common.asking import choice, end, flag, known, moment, number
from common.inputs import NothingInput, StrictSerializer, checked
from common.paging import Page, page
from common.schema import PAGING, listing, whole
from tickets.queries.detail import hidden_from

OFFSET_MAX = 2**31 - 1
JOB_FILTERS = [
    *PAGING,
    OpenApiParameter("state", str, enum=JobState.values),
    OpenApiParameter("ticket", str, description="A ticket's number."),
    OpenApiParameter("host", str, description="The name of a host that it runs on."),
    OpenApiParameter("action", str, description="The key of an action."),
    OpenApiParameter("created_from", str, description="A time with its offset, or a day of the company's zone."),
    OpenApiParameter("queue", bool, description="Only what runs or waits, in the order in which it starts."),
    OpenApiParameter("created_to", str, description="Up to this time, which is left out, or to the end of this day."),
]
OFFSET = whole("offset", "`next_offset` of the answer before.", 0, OFFSET_MAX, 0)

WORDS = OpenApiParameter("q", str, required=True, description="What to look for; letters' case does not count.")


def person(request: Request) -> User:
    """The logged-in user; the default permission rejects anonymous requests."""
    return cast(User, request.user)


class JobsView(APIView):
    """GET jobs."""

    @extend_schema(parameters=JOB_FILTERS, responses=listing(shapes.JobOutput))
    def get(self, request: Request) -> Response:
        """The jobs that I may see, newest first."""
        query = known(request, JOB_FILTERS)
        asked = page(query)
        wanted = {
            "pk__lt": None if flag(query, "queue") else asked.after,
            "state": choice(query, "state", JobState.values),
            "ticket__number": query.get("ticket"),
            "action": query.get("action"),
            "created_at__gte": moment(query, "created_from"),
            "created_at__lt": end(query, "created_to"),
        }
        named = {name: value for name, value in wanted.items() if value}
        now, user = timezone.now(), person(request)
        visible = visible_jobs(user, now)
        if host := query.get("host"):
            visible = running_on(visible, host, user, now)
        if flag(query, "queue"):
            return self._queue(asked, visible.filter(**named), user, now)
        rows = visible.filter(**named).select_related("ticket").order_by("-pk")
        found = list(rows[: asked.limit + 1])
        why = waiting(found, user, now)
        return Response(asked.answer([render.job(row, why) for row in found], key=lambda row: row["id"]))

    def _queue(self, asked: Page, jobs: QuerySet[Job], user: User, at: datetime) -> Response:
        """Running and waiting jobs in the order in which they start; the cursor is a position in this order."""
        start = max(asked.after or 0, 0)
        ids = in_order(jobs, at)[start : start + asked.limit + 1]
        rows = Job.objects.select_related("ticket").in_bulk(ids)
        found = [rows[pk] for pk in ids if pk in rows]
        why = waiting(found, user, at)
        return Response(asked.answer([render.job(row, why) for row in found], key=lambda _row: start + asked.limit))


def answer(request: Request, job_id: int, at: datetime) -> Response:
    """The answer with the current state of the job."""
    return Response(render.job_detail(get_job(person(request), job_id, at), person(request), at))


def act(request: Request, job_id: int, verb: Callable[..., object], shape: type[StrictSerializer]) -> Response:
    """Check the input against `shape`, call `verb` on the job, and answer with the changed job."""
    given: dict[str, Any] = checked(shape, request.data)
    now = timezone.now()
    verb(job_id=job_id, actor=person(request), at=now, **given)
    return answer(request, job_id, now)


class JobView(APIView):
    """GET jobs/{id}."""

    @extend_schema(responses=shapes.JobDetailOutput)
    def get(self, request: Request, job_id: int) -> Response:
        """One job with its approved plan and its hosts."""
        return answer(request, job_id, timezone.now())


class JobLogView(APIView):
    """GET jobs/{id}/log."""

    @extend_schema(parameters=[OFFSET], responses=shapes.JobLogOutput)
    def get(self, request: Request, job_id: int) -> Response:
        """The log from this character offset on; ask again with `next_offset` until `done`."""
        offset = number(known(request, [OFFSET]), "offset", 0, OFFSET_MAX, 0)
        now = timezone.now()
        job = get_job(person(request), job_id, now)
        return Response(read_log(job, offset, hidden_from(person(request), job.ticket, now)))


class JobLogSearchView(APIView):
    """GET jobs/{id}/log/search."""

    @extend_schema(parameters=[WORDS], responses=shapes.JobLogSearchOutput)
    def get(self, request: Request, job_id: int) -> Response:
        """The log lines that contain this text, at most 200; `offset` is where the line begins."""
        now = timezone.now()
        job = get_job(person(request), job_id, now)
        words = known(request, [WORDS]).get("q", "").strip()
        if not words:
            raise ValidationError({"q": [ErrorDetail(_("Enter the text to search for."), code="required")]})
        return Response(search_log(job, words, hidden_from(person(request), job.ticket, now)))


class JobLogFileView(APIView):
    """GET jobs/{id}/log/download."""

    @extend_schema(responses={(200, "text/plain"): OpenApiTypes.BINARY})
    def get(self, request: Request, job_id: int) -> StreamingHttpResponse:
        """The whole log so far, as a text file."""
        known(request, [])
        now = timezone.now()
        job = get_job(person(request), job_id, now)
        pieces = whole_log(job, hidden_from(person(request), job.ticket, now))
        name = f"{job.ticket.number}-{job.node}-{job.pk}.log"
        headers = {"Content-Disposition": content_disposition_header(True, name), "X-Content-Type-Options": "nosniff"}
        return StreamingHttpResponse(pieces, content_type="text/plain; charset=utf-8", headers=headers)


class JobHostView(APIView):
    """POST jobs/{id}/hosts/{host}."""

    @extend_schema(request=shapes.TickInput, responses=shapes.JobDetailOutput)
    @idempotent
    def post(self, request: Request, job_id: int, host: str) -> Response:
        """Record the result of one host of a job that is done by hand; the last host ends the job."""
        return act(request, job_id, partial(by_hand.tick, host=host), shapes.TickInput)


class CancelView(APIView):
    """POST jobs/{id}/cancel."""

    @extend_schema(request=NothingInput, responses=shapes.JobDetailOutput)
    @idempotent
    def post(self, request: Request, job_id: int) -> Response:
        """Cancel a job: at once if it waits, within seconds if it runs."""
        return act(request, job_id, control.cancel, NothingInput)


class PauseView(APIView):
    """POST jobs/{id}/pause."""

    @extend_schema(request=NothingInput, responses=shapes.JobDetailOutput)
    @idempotent
    def post(self, request: Request, job_id: int) -> Response:
        """Pause a job after the current batch; in its last batch, the job just ends."""
        return act(request, job_id, control.pause, NothingInput)


class ResumeView(APIView):
    """POST jobs/{id}/resume."""

    @extend_schema(request=shapes.ResumeInput, responses=shapes.JobDetailOutput)
    @idempotent
    def post(self, request: Request, job_id: int) -> Response:
        """Continue a paused job with the remaining hosts, or cancel a pause that has not taken effect yet."""
        return act(request, job_id, control.resume, shapes.ResumeInput)


class RerunView(APIView):
    """POST jobs/{id}/rerun."""

    @extend_schema(request=shapes.RerunInput, responses=shapes.JobDetailOutput)
    @idempotent
    def post(self, request: Request, job_id: int) -> Response:
        """Run the approved plan again, on the hosts that are not done, or on all."""
        return act(request, job_id, control.rerun, shapes.RerunInput)


class RollbackView(APIView):
    """POST jobs/{id}/rollback."""

    @extend_schema(request=shapes.RollbackInput, responses=shapes.JobDetailOutput)
    @idempotent
    def post(self, request: Request, job_id: int) -> Response:
        """Run the plan's rollback on all hosts that were touched, or on the given ones. No new ticket is needed."""
        return act(request, job_id, control.rollback, shapes.RollbackInput)


class ResolveView(APIView):
    """POST jobs/{id}/resolve."""

    @extend_schema(request=shapes.ResolveInput, responses=shapes.JobDetailOutput)
    @idempotent
    def post(self, request: Request, job_id: int) -> Response:
        """Let the ticket continue: a person fixed the failed job by hand and describes how."""
        return act(request, job_id, control.resolve, shapes.ResolveInput)
