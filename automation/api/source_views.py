"""API of inventory sources and their runs (each run reads a source once)."""

from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access.authentication import caller, origin
from accounts.api.idempotency import idempotent, limited
from automation.api.host_shapes import HostImportOutput
from automation.commands import sources as commands
from automation.commands.hosts import require_operator
from automation.errors import NoSuchSource
from automation.models import InventoryRun, InventorySource
from common.asking import known
from common.inputs import Flag, StrictSerializer, checked
from common.paging import page, short_list
from common.schema import PAGING, PART, FindingOutput, listing

YEAR_MIN = 366 * 24 * 60


class InventoryRunOutput(serializers.Serializer[Any]):
    """One run. held_back: `too_many_changes` if it had more changes than may be applied without a person."""

    id = serializers.IntegerField()
    source = serializers.IntegerField()  # type: ignore[assignment]  # the field of this name
    state = serializers.ChoiceField(InventoryRun.State.choices)
    apply = serializers.BooleanField()
    applied = serializers.BooleanField()
    held_back = serializers.CharField(allow_blank=True)
    created = serializers.IntegerField(allow_null=True)
    updated = serializers.IntegerField(allow_null=True)
    unchanged = serializers.IntegerField(allow_null=True)
    missing = serializers.IntegerField(allow_null=True)
    asked_by = serializers.CharField(allow_null=True, help_text="null: on schedule")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class InventoryRunDetailOutput(InventoryRunOutput):
    outcome = HostImportOutput(allow_null=True)
    errors = FindingOutput(many=True)  # type: ignore[assignment]  # the field of this name


class InventorySourceOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(InventorySource.Kind.choices)
    path = serializers.CharField(allow_blank=True)
    site = serializers.CharField(allow_blank=True)
    interval_min = serializers.IntegerField()
    applies = serializers.BooleanField()
    most_changes = serializers.IntegerField()
    is_active = serializers.BooleanField()
    hosts = serializers.IntegerField(help_text="How many hosts it has brought that are still there")
    next_at = serializers.DateTimeField(allow_null=True)
    last_run = InventoryRunOutput(allow_null=True)


class SourceChangeInput(StrictSerializer):
    """path: a file below BATON_INVENTORY_DIR; empty with kind salt: Salt itself. interval_min 0: only on request."""

    name = serializers.CharField(max_length=64, required=False)
    kind = serializers.ChoiceField(InventorySource.Kind.choices, required=False)
    path = serializers.CharField(max_length=255, required=False, allow_blank=True)
    site = serializers.CharField(max_length=32, required=False, allow_blank=True)
    interval_min = serializers.IntegerField(required=False, min_value=0, max_value=YEAR_MIN)
    applies = Flag(required=False)
    most_changes = serializers.IntegerField(required=False, min_value=1, max_value=20_000)
    is_active = Flag(required=False)


class SourceInput(SourceChangeInput):
    name = serializers.CharField(max_length=64)
    kind = serializers.ChoiceField(InventorySource.Kind.choices)


class RunInput(StrictSerializer):
    apply = Flag(required=False, default=False)


def run_shown(run: InventoryRun, *, whole: bool = False) -> dict[str, Any]:
    """One run. whole: with its outcome and errors."""
    counts = run.outcome or {}
    row = {
        name: getattr(run, name)
        for name in ("id", "state", "apply", "applied", "held_back", "created_at", "finished_at")
    }
    row |= {name: counts.get(name) for name in ("created", "updated", "unchanged", "missing")}
    row |= {"source": run.source_id, "asked_by": run.asked_by.username if run.asked_by else None}
    return row | ({"outcome": run.outcome, "errors": run.errors} if whole else {})


def sources_shown(source_id: int | None = None) -> list[dict[str, Any]]:
    """All sources by name, or one, each with its newest run; two queries."""
    newest = InventoryRun.objects.filter(source=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    sources = InventorySource.objects.annotate(newest=Subquery(newest)).order_by("name")
    rows = list(sources if source_id is None else sources.filter(pk=source_id))
    runs = InventoryRun.objects.select_related("asked_by").in_bulk([row.newest for row in rows if row.newest])
    return [
        {
            **{name: getattr(row, name) for name in ("id", *commands.COLUMNS, "next_at")},
            "hosts": len(row.names),
            "last_run": run_shown(runs[row.newest]) if row.newest else None,
        }
        for row in rows
    ]


def one(source_id: int) -> dict[str, Any]:
    """One source. Raises NoSuchSource."""
    rows = sources_shown(source_id)
    if not rows:
        raise NoSuchSource
    return rows[0]


class SourcesView(APIView):
    """GET and POST inventory/sources."""

    @extend_schema(parameters=PART, responses=listing(InventorySourceOutput))
    def get(self, request: Request) -> Response:
        """The sources of hosts, each with its newest run."""
        require_operator(caller(request))
        return Response(short_list(known(request, PART), sources_shown()))

    @extend_schema(request=SourceInput, responses={201: InventorySourceOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Add a source."""
        given = checked(SourceInput, request.data)
        source = commands.add_source(actor=caller(request), at=timezone.now(), origin=origin(request), **given)
        return Response(one(source.pk), status=201)


class SourceView(APIView):
    """GET, PATCH and DELETE inventory/sources/{id}."""

    @extend_schema(responses=InventorySourceOutput)
    def get(self, request: Request, source_id: int) -> Response:
        """One source."""
        require_operator(caller(request))
        return Response(one(source_id))

    @extend_schema(request=SourceChangeInput, responses=InventorySourceOutput)
    @idempotent
    def patch(self, request: Request, source_id: int) -> Response:
        """Change a source."""
        given = checked(SourceChangeInput, request.data)
        commands.change_source(
            actor=caller(request), source_id=source_id, changes=given, at=timezone.now(), origin=origin(request)
        )
        return Response(one(source_id))

    @extend_schema(responses={204: None})
    @idempotent
    def delete(self, request: Request, source_id: int) -> Response:
        """Remove a source; its hosts stay in the inventory."""
        commands.remove_source(actor=caller(request), source_id=source_id, at=timezone.now(), origin=origin(request))
        return Response(status=204)


class RunView(APIView):
    """POST inventory/sources/{id}/run."""

    @extend_schema(request=RunInput, responses={202: InventoryRunOutput})
    @idempotent
    @limited("runs")
    def post(self, request: Request, source_id: int) -> Response:
        """Read a source now; with `apply`, apply its additions and changes. Missing hosts are listed, not removed.

        The executor reads it; get the result from `inventory/runs/{id}`.
        """
        given = checked(RunInput, request.data)
        run = commands.ask_for_run(
            actor=caller(request), source_id=source_id, apply=given["apply"], at=timezone.now(), origin=origin(request)
        )
        return Response(run_shown(run), status=202)


class RunsView(APIView):
    """GET inventory/sources/{id}/runs."""

    @extend_schema(parameters=PAGING, responses=listing(InventoryRunOutput))
    def get(self, request: Request, source_id: int) -> Response:
        """The runs of one source, newest first."""
        require_operator(caller(request))
        one(source_id)
        asked = page(known(request, PAGING))
        rows = InventoryRun.objects.filter(source=source_id).select_related("asked_by").order_by("-pk")
        if asked.after is not None:
            rows = rows.filter(pk__lt=asked.after)
        return Response(asked.answer([run_shown(run) for run in rows[: asked.limit + 1]], key=lambda row: row["id"]))


class OneRunView(APIView):
    """GET inventory/runs/{id}."""

    @extend_schema(responses=InventoryRunDetailOutput)
    def get(self, request: Request, run_id: int) -> Response:
        """One run, with the changes that it found or applied."""
        require_operator(caller(request))
        run = InventoryRun.objects.select_related("asked_by").filter(pk=run_id).first()
        if run is None:
            raise NoSuchSource
        return Response(run_shown(run, whole=True))
