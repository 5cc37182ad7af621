"""Shell lines and their collectors, over HTTP."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access.authentication import caller
from accounts.access.quotas import spend
from automation.audit.api import TooManyLines
from automation.audit.queries import require_auditor
from automation.audit.tables import FORMATS, MEDIA_TYPES, MOST_LINES
from automation.models.shell import ShellLine
from automation.shells import queries
from automation.shells.files import table
from common.asking import choice, end, known, moment
from common.paging import BadPage, page, short_list
from common.schema import PAGING, PART, listing

FILTERS = [
    OpenApiParameter("host", str, description="The name of a host."),
    OpenApiParameter("user", str, description="Who owned the shell, on the host."),
    OpenApiParameter("session", str, description="One log-in."),
    OpenApiParameter("q", str, description="Text anywhere in the line, whatever its case."),
    OpenApiParameter("from", str, description="A time with its offset, or a day of the company's zone."),
    OpenApiParameter("to", str, description="Up to this time, which is left out, or to the end of this day."),
]
LIST = [*PAGING, *FILTERS]
EXPORT = [*FILTERS, OpenApiParameter("format", str, enum=sorted(FORMATS), description="Default: csv.")]


class LineAlarmOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    pattern = serializers.CharField()
    ticket = serializers.CharField(allow_null=True)


class ShellLineOutput(serializers.Serializer[Any]):
    """One line. at: by the host's clock. alarm: the alarm whose first line this is."""

    id = serializers.IntegerField()
    host = serializers.CharField()
    at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    user = serializers.CharField()
    session = serializers.CharField(allow_blank=True)
    tty = serializers.CharField(allow_blank=True)
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]  # the field of this name
    cwd = serializers.CharField(allow_blank=True)
    command = serializers.CharField(allow_blank=True)
    is_cut = serializers.BooleanField(help_text="It was longer than is kept")
    alarm = LineAlarmOutput(allow_null=True)


class ShellHostOutput(serializers.Serializer[Any]):
    """One collector. lost: the number of lines that never arrived. removed_at: no lines are accepted after it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    enrolled_at = serializers.DateTimeField()
    enrolled_by = serializers.CharField(allow_blank=True)
    job = serializers.IntegerField(allow_null=True)
    removed_at = serializers.DateTimeField(allow_null=True)
    last_at = serializers.DateTimeField(allow_null=True)
    lost = serializers.IntegerField()


def _found(query: Any) -> QuerySet[ShellLine]:
    return queries.matching(
        **{name: query.get(name) for name in ("host", "user", "session")},
        text=query.get("q"),
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


class ShellLinesView(APIView):
    """GET shell/lines."""

    @extend_schema(parameters=LIST, responses=listing(ShellLineOutput))
    def get(self, request: Request) -> Response:
        """Shell lines, newest first. A search that takes too long is refused: `search_too_wide`."""
        require_auditor(caller(request))
        query = known(request, LIST)
        asked = page(query, key_type=list)
        rows = _found(query)
        if asked.after is not None:
            rows = queries.after(rows, _place(asked.after))
        with queries.bounded():
            found = list(rows[: asked.limit + 1])
        answer = asked.answer(found, key=lambda row: [row.at.isoformat(), row.pk])
        return Response(answer | {"results": queries.shown(answer["results"])})


class ShellExportView(APIView):
    """GET shell/lines/export."""

    @extend_schema(parameters=EXPORT, responses={(200, kind): OpenApiTypes.BINARY for kind in MEDIA_TYPES})
    def get(self, request: Request) -> FileResponse:
        """The same as a file, in the caller's language; complete or not at all (F41)."""
        require_auditor(caller(request))
        query = known(request, EXPORT)
        kind = choice(query, "format", sorted(FORMATS)) or "csv"
        rows = _found(query)
        spend("exports", request)
        with queries.bounded():
            ids = list(rows.values_list("pk", flat=True)[: MOST_LINES + 1])
        if len(ids) > MOST_LINES:
            raise TooManyLines
        write, content_type = FORMATS[kind]
        name = f"baton-shells-{timezone.localdate():%Y%m%d}.{kind}"
        return FileResponse(
            write(table(_lines(ids))), as_attachment=True, filename=name, content_type=content_type,
            headers={"Cache-Control": "no-store"},
        )  # fmt: skip


def _lines(ids: list[int], size: int = 1000) -> Iterator[dict[str, Any]]:
    """These lines in order, read in parts that fit into memory."""
    for start in range(0, len(ids), size):
        part = ids[start : start + size]
        found = ShellLine.objects.select_related("shell_host").in_bulk(part)
        yield from queries.shown(found[pk] for pk in part if pk in found)


class ShellHostsView(APIView):
    """GET shell/hosts."""

    @extend_schema(parameters=PART, responses=listing(ShellHostOutput))
    def get(self, request: Request) -> Response:
        """All collectors, present and removed: when lines last arrived, and how many never did."""
        require_auditor(caller(request))
        return Response(short_list(known(request, PART), queries.hosts()))
