"""Actions, hosts, jobs."""

from datetime import datetime
from typing import Any, cast

from django.db.models import Q
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.idempotency import idempotent
from accounts.models import User
from accounts.permissions import OPERATE, has_permission
from automation.api import render
from automation.api import serializers as shapes
from automation.commands import control
from automation.commands.hosts import add_host, import_text
from automation.inventory.entry import HostEntry
from automation.inventory.parse import guess
from automation.models import Host
from automation.queries.jobs import get_job, read_log, visible_jobs
from automation.registry import library
from automation.states import JobState
from config.asking import choice, known, number
from config.inputs import NothingInput, checked
from config.paging import page, short_list
from config.schema import PAGING, PART, listing, whole
from tickets.queries.detail import hidden_from

OFFSET_MAX = 2**31 - 1
JOB_FILTERS = [
    *PAGING,
    OpenApiParameter("state", str, enum=JobState.values),
    OpenApiParameter("ticket", str, description="A ticket's number."),
]
HOST_FILTERS = [
    *PAGING,
    OpenApiParameter("q", str, description="Part of a name."),
    OpenApiParameter("group", str, description="The name of a group."),
]
OFFSET = whole("offset", "`next_offset` of the answer before.", 0, OFFSET_MAX, 0)


def person(request: Request) -> User:
    """Who asks; the default permission has let nobody else through."""
    return cast(User, request.user)


class ActionsView(APIView):
    """GET actions."""

    @extend_schema(parameters=PART, responses=listing(shapes.ActionOutput))
    def get(self, request: Request) -> Response:
        """The catalogue of what can be run."""
        return Response(short_list(known(request, PART), [render.action(found) for found in library().all()]))


class HostsView(APIView):
    """GET and POST hosts."""

    @extend_schema(parameters=HOST_FILTERS, responses=listing(shapes.HostOutput))
    def get(self, request: Request) -> Response:
        """The inventory, by name."""
        query = known(request, HOST_FILTERS)
        asked = page(query, key_type=str)
        wanted = Q(name__gt=asked.after) if asked.after is not None else Q()
        if part := query.get("q"):
            wanted &= Q(name__icontains=part)
        if group := query.get("group"):
            wanted &= Q(groups__contains=[group])
        rows = Host.objects.filter(wanted).order_by("name")[: asked.limit + 1]
        operates = has_permission(person(request), OPERATE)
        shown = [render.host(row, to_operator=operates) for row in rows]
        return Response(asked.answer(shown, key=lambda row: row["name"]))

    @extend_schema(request=shapes.HostInput, responses={201: shapes.HostOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Add a host."""
        entry = HostEntry(**checked(shapes.HostInput, request.data))
        return Response(render.host(add_host(actor=person(request), entry=entry), to_operator=True), status=201)


class HostsImportView(APIView):
    """POST hosts/import."""

    @extend_schema(request=shapes.HostImportInput, responses=shapes.HostImportOutput)
    @idempotent
    def post(self, request: Request) -> Response:
        """Add and update hosts from an Ansible inventory (INI, YAML) or from CSV, all or none."""
        given = checked(shapes.HostImportInput, request.data)
        kind = given.get("format") or guess(given["text"])
        counts, odd = import_text(actor=person(request), text=given["text"], kind=kind)
        return Response({**counts, "warnings": odd})


class JobsView(APIView):
    """GET jobs."""

    @extend_schema(parameters=JOB_FILTERS, responses=listing(shapes.JobOutput))
    def get(self, request: Request) -> Response:
        """The jobs that I may see, newest first."""
        query = known(request, JOB_FILTERS)
        asked = page(query)
        rows = visible_jobs(person(request), timezone.now()).select_related("ticket").order_by("-pk")
        if asked.after is not None:
            rows = rows.filter(pk__lt=asked.after)
        if state := choice(query, "state", JobState.values):
            rows = rows.filter(state=state)
        if number := query.get("ticket"):
            rows = rows.filter(ticket__number=number)
        shown = [render.job(row) for row in rows[: asked.limit + 1]]
        return Response(asked.answer(shown, key=lambda row: row["id"]))


def answer(request: Request, job_id: int, at: datetime) -> Response:
    """The job as it is now."""
    return Response(render.job_detail(get_job(person(request), job_id, at), person(request), at))


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
        """What it wrote, from this character on; ask again with `next_offset` until `done`."""
        offset = number(known(request, [OFFSET]), "offset", 0, OFFSET_MAX, 0)
        now = timezone.now()
        job = get_job(person(request), job_id, now)
        return Response(read_log(job, offset, hidden_from(person(request), job.ticket, now)))


class CancelView(APIView):
    """POST jobs/{id}/cancel."""

    @extend_schema(request=NothingInput, responses=shapes.JobDetailOutput)
    @idempotent
    def post(self, request: Request, job_id: int) -> Response:
        """End it: at once where it waits, within seconds where it runs."""
        checked(NothingInput, request.data)
        now = timezone.now()
        control.cancel(job_id=job_id, actor=person(request), at=now)
        return answer(request, job_id, now)


class RerunView(APIView):
    """POST jobs/{id}/rerun."""

    @extend_schema(request=shapes.RerunInput, responses=shapes.JobDetailOutput)
    @idempotent
    def post(self, request: Request, job_id: int) -> Response:
        """Run the approved plan once more, on the hosts that are not done, or on all."""
        given: dict[str, Any] = checked(shapes.RerunInput, request.data)
        now = timezone.now()
        control.rerun(job_id=job_id, actor=person(request), at=now, **given)
        return answer(request, job_id, now)


class ResolveView(APIView):
    """POST jobs/{id}/resolve."""

    @extend_schema(request=shapes.ResolveInput, responses=shapes.JobDetailOutput)
    @idempotent
    def post(self, request: Request, job_id: int) -> Response:
        """Let the ticket go on: a person settled the failed job by hand, and says how."""
        given = checked(shapes.ResolveInput, request.data)
        now = timezone.now()
        control.resolve(job_id=job_id, actor=person(request), at=now, **given)
        return answer(request, job_id, now)
