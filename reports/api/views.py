"""API views of the reports."""

from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access.quotas import spend
from accounts.models import User
from accounts.permissions import REPORTS, has_permission
from common.asking import known
from common.paging import short_list
from common.rendering import OrjsonRenderer
from common.schema import PART, listing
from reports.api.schema import MONTH, RunOutput, SummaryOutput
from reports.commands.monthly import export_monthly
from reports.errors import NotForYou
from reports.month import Month
from reports.queries.runs import runs
from reports.queries.summary import summary

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class WorkbookRenderer(OrjsonRenderer):
    """Allows requests that accept only workbooks. It renders errors; the workbook itself is sent as a file."""

    media_type = XLSX
    format = "xlsx"


def reader(request: Request) -> User:
    """The user of this request. Raises NotForYou without the right to see reports, which cover all tickets (I23)."""
    user = request.user
    if not isinstance(user, User) or not has_permission(user, REPORTS):
        raise NotForYou
    return user


def asked_month(request: Request) -> Month:
    """The month that the request names; the current month if it names none. Raises BadMonth."""
    text = known(request, [MONTH]).get("month")
    return Month.of(timezone.now()) if text is None else Month.parse(text)


class SummaryView(APIView):
    """`GET reports/summary`."""

    @extend_schema(parameters=[MONTH], responses=SummaryOutput, operation_id="reports_summary")
    def get(self, request: Request) -> Response:
        """The numbers of a month."""
        reader(request)
        return Response(summary(asked_month(request)))


class RunsView(APIView):
    """`GET reports/runs`."""

    @extend_schema(parameters=PART, responses=listing(RunOutput), operation_id="reports_runs")
    def get(self, request: Request) -> Response:
        """The months whose workbook was sent automatically, with recipients and times; newest month first."""
        reader(request)
        return Response(short_list(known(request, PART), runs()))


class MonthlyView(APIView):
    """`GET reports/monthly.xlsx`."""

    renderer_classes = [OrjsonRenderer, WorkbookRenderer]

    @extend_schema(
        parameters=[MONTH],
        responses={(200, XLSX): OpenApiTypes.BINARY},
        operation_id="reports_monthly_workbook",
    )
    def get(self, request: Request) -> FileResponse:
        """The workbook of a month, in the caller's language. The response is complete, or an error (F41)."""
        user, month = reader(request), asked_month(request)
        spend("exports", request)
        file = export_monthly(month, timezone.now(), user=user)
        headers = {"Cache-Control": "no-store"}
        return FileResponse(file, as_attachment=True, filename=month.file_name, content_type=XLSX, headers=headers)
