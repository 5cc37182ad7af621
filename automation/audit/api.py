"""The record of runs, over HTTP."""

from datetime import datetime
from itertools import chain
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access.authentication import caller
from accounts.access.quotas import spend
from automation.audit import queries
from automation.audit.files import table
from automation.audit.tables import FORMATS, MEDIA_TYPES, MOST_LINES
from automation.models.audit import AuditHost, AuditMode, AuditRun
from common.asking import choice, end, flag, known, moment
from common.errors import DomainError
from common.paging import BadPage, page
from common.schema import PAGING, TextField, listing

FILTERS = [
    OpenApiParameter("host", str, description="The name of a host."),
    OpenApiParameter("action", str, description="The key of an action."),
    OpenApiParameter("ticket", str, description="A ticket's number."),
    OpenApiParameter("actor", str, description="A username: who asked for it, or approved it."),
    OpenApiParameter("mode", str, enum=AuditMode.values),
    OpenApiParameter("dry_runs", str, enum=["true", "false"], description="With dry runs; default: without."),
    OpenApiParameter("from", str, description="A time with its offset, or a day of the company's zone."),
    OpenApiParameter("to", str, description="Up to this time, which is left out, or to the end of this day."),
]
LIST = [*PAGING, *FILTERS]
EXPORT = [*FILTERS, OpenApiParameter("format", str, enum=sorted(FORMATS), description="Default: csv.")]


class TooManyLines(DomainError):
    """More lines than one file may hold."""

    code, status = "too_many_lines", 422
    text = _("This is more than one file can take (100,000 lines). Choose a host, an action or a shorter time.")


class AuditHostOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    address = serializers.CharField(allow_blank=True)
    connection = serializers.CharField(allow_blank=True)
    status = serializers.CharField(allow_blank=True)


class AuditRunOutput(serializers.Serializer[Any]):
    """One run of one action. params: the arguments it was given. hosts: the first 100. Hidden values are `•••`."""

    id = serializers.IntegerField()
    mode = serializers.ChoiceField(AuditMode.choices)
    job = serializers.IntegerField(allow_null=True, help_text="null: a dry run")
    attempt = serializers.IntegerField()
    stage = serializers.IntegerField(help_text="From 1; of a health check, that of the run it looks after")
    ticket = serializers.CharField()
    node = serializers.CharField()
    action = serializers.CharField()
    action_name = TextField()
    version = serializers.CharField()
    executor = serializers.CharField()
    site = serializers.CharField(allow_blank=True)
    params = serializers.DictField()
    command = TextField(allow_null=True)
    asked_by = serializers.CharField(allow_null=True)
    approved_by = serializers.ListField(child=serializers.CharField())
    began_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField(allow_blank=True, help_text="Empty while it runs")
    host_count = serializers.IntegerField()
    hosts = AuditHostOutput(many=True)
    hosts_hidden = serializers.BooleanField()


def _found(query: Any) -> QuerySet[AuditRun]:
    return queries.matching(
        **{name: query.get(name) for name in ("host", "action", "ticket", "actor")},
        mode=choice(query, "mode", AuditMode.values),
        dry_runs=flag(query, "dry_runs"),
        begins=moment(query, "from"),
        ends=end(query, "to"),
    )


def _place(key: Any) -> queries.Place:
    """The place that a cursor names. Raises BadPage."""
    try:
        at, pk = key
        return datetime.fromisoformat(at), int(pk)
    except (TypeError, ValueError) as error:
        raise BadPage(gettext("This cursor is not valid. Start again without it.")) from error


class AuditRunsView(APIView):
    """GET audit/runs."""

    @extend_schema(parameters=LIST, responses=listing(AuditRunOutput))
    def get(self, request: Request) -> Response:
        """The runs, newest first: who asked for them, who approved, from which ticket, with which arguments."""
        user = caller(request)
        queries.require_auditor(user)
        query = known(request, LIST)
        asked = page(query, key_type=list)
        rows = _found(query)
        if asked.after is not None:
            rows = queries.after(rows, _place(asked.after))
        found = list(queries.with_hosts(rows[: asked.limit + 1]))
        answer = asked.answer(found, key=lambda row: [row.place.isoformat(), row.pk])
        answer["results"] = [
            run | {"hosts": run["hosts"][: queries.HOSTS_SHOWN]}
            for run in queries.shown(answer["results"], user, timezone.now(), host=query.get("host"))
        ]
        return Response(answer)


class AuditExportView(APIView):
    """GET audit/runs/export."""

    @extend_schema(parameters=EXPORT, responses={(200, kind): OpenApiTypes.BINARY for kind in MEDIA_TYPES})
    def get(self, request: Request) -> FileResponse:
        """The same as a file, one line per run and host, in the caller's language; complete or not at all (F41)."""
        user = caller(request)
        queries.require_auditor(user)
        query = known(request, EXPORT)
        kind = choice(query, "format", sorted(FORMATS)) or "csv"
        rows = _found(query)
        spend("exports", request)
        if AuditHost.objects.filter(run__in=rows.order_by().values("pk"))[: MOST_LINES + 1].count() > MOST_LINES:
            raise TooManyLines
        pages = (queries.with_hosts(rows.filter(pk__in=part)) for part in _parts(rows))
        runs = chain.from_iterable(queries.shown(part, user, timezone.now(), host=query.get("host")) for part in pages)
        write, content_type = FORMATS[kind]
        name = f"baton-runs-{timezone.localdate():%Y%m%d}.{kind}"
        return FileResponse(
            write(table(runs, query.get("host"))), as_attachment=True, filename=name, content_type=content_type,
            headers={"Cache-Control": "no-store"},
        )  # fmt: skip


def _parts(rows: QuerySet[AuditRun], size: int = 500) -> list[list[int]]:
    """The ids of these runs in order, in parts that fit into memory."""
    ids = list(rows.values_list("pk", flat=True)[:MOST_LINES])
    return [ids[start : start + size] for start in range(0, len(ids), size)]
