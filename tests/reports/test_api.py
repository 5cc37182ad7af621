"""Reports over HTTP: permissions and content."""

import io
import tempfile

import pytest
from django.urls import include, path
from drf_spectacular.generators import SchemaGenerator
from openpyxl import load_workbook
from rest_framework.test import APIClient

from reports.month import Month
from tests.reports.world import person, reader, task, ticket

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.reports.test_api")]
urlpatterns = [path("api/v1/", include("reports.api.urls"))]
SUMMARY, WORKBOOK = "/api/v1/reports/summary", "/api/v1/reports/monthly.xlsx"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def client_of(user=None):
    client = APIClient(headers={"Accept-Language": "en"})
    client.raise_request_exception = False
    if user is not None:
        client.force_authenticate(user)
    return client


def body(response):
    return b"".join(response.streaming_content)


def administrator():
    return person("root", is_admin=True)


@pytest.mark.parametrize("address", [SUMMARY, WORKBOOK])
@pytest.mark.parametrize(
    ("who", "status"),
    [(lambda: None, 401), (lambda: person("alice"), 403), (reader, 200), (administrator, 200)],
    ids=["anonymous", "ordinary", "reader", "administrator"],
)
def test_I23_A41_only_readers_of_reports_get_them(address, who, status):
    assert client_of(who()).get(address).status_code == status


def test_I23_whoever_may_not_see_reports_is_told_so_before_anything_else():
    refused = client_of(person("alice")).get(SUMMARY, {"month": "nonsense"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert "needs the permission reports.view" in refused.json()["detail"]


@pytest.mark.parametrize("address", [SUMMARY, WORKBOOK])
@pytest.mark.parametrize("month", ["2026-13", "", "november", "2026-11-01"])
def test_a_bad_month_is_422_with_a_clear_word(address, month):
    refused = client_of(reader()).get(address, {"month": month})
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_month")
    assert "2026-11" in refused.json()["detail"]


def test_the_summary_is_plain_json():
    ticket(person("alice"), "2026-11-03 09:00", "2026-11-03 10:30", rating=5)
    found = client_of(reader()).get(SUMMARY, {"month": "2026-11"}).json()
    by_day = found.pop("by_day")
    assert found == {
        "month": "2026-11",
        "total": 1,
        "completed": 1,
        "open": 0,
        "vetoed": 0,
        "withdrawn": 0,
        "failed": 0,
        "on_time_rate": None,
        "median_hours": 1.5,
        "satisfaction": {"average": 5.0, "count": 1},
        "by_state": [
            {"state": state, "count": int(state == "completed")}
            for state in ("approving", "returned", "executing", "failed", "completed", "vetoed", "withdrawn")
        ],
        "by_template": [
            {
                "key": "restart",
                "name": {"zh": "服务重启", "en": "Service restart"},
                "submitted": 1,
                "completed": 1,
                "median_hours": 1.5,
            }
        ],
        "by_handler": [],
    }
    assert by_day[2] == {"date": "2026-11-03", "submitted": 1, "completed": 1}
    assert len(by_day) == 30


def test_the_schema_names_exactly_what_the_summary_holds():
    document = SchemaGenerator(patterns=urlpatterns).get_schema(public=True)
    one = ticket(person("alice"), "2026-11-03 09:00", "2026-11-03 10:30")
    task(one, person("bob"), "2026-11-03 09:00", "2026-11-03 10:00")
    found = client_of(reader()).get(SUMMARY, {"month": "2026-11"}).json()
    schemas = document["components"]["schemas"]
    assert set(schemas["SummaryOutput"]["properties"]) == set(found)
    for key, name in (("by_template", "TemplateRow"), ("by_handler", "HandlerRow"), ("by_day", "DayRow")):
        assert set(schemas[f"{name}Output"]["properties"]) == set(found[key][0])
    answers = document["paths"][WORKBOOK]["get"]["responses"]["200"]["content"]
    assert answers == {XLSX: {"schema": {"type": "string", "format": "binary"}}}


def test_without_a_month_it_is_this_month(monkeypatch):
    monkeypatch.setattr("reports.api.views.timezone.now", lambda: Month(2026, 2).start)
    assert client_of(reader()).get(SUMMARY).json()["month"] == "2026-02"


def test_the_workbook_comes_as_an_attachment_that_nobody_keeps():
    ticket(person("alice"), "2026-11-03 09:00", number="CHG-7")
    response = client_of(reader()).get(WORKBOOK, {"month": "2026-11"}, headers={"Accept": XLSX})
    content = body(response)
    assert response.status_code == 200
    assert response["Content-Type"] == XLSX
    assert response["Content-Disposition"] == 'attachment; filename="baton-2026-11.xlsx"'
    assert response["Cache-Control"] == "no-store"
    assert int(response["Content-Length"]) == len(content)
    assert load_workbook(io.BytesIO(content)).worksheets[3]["A2"].value == "CHG-7"


def test_F41_a_workbook_that_fails_is_a_refusal_and_not_half_a_file(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def broken(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("reports.workbook.build.write_tickets", broken)
    response = client_of(reader()).get(WORKBOOK)
    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    assert "space" not in response.json()["detail"]
    assert list(tmp_path.iterdir()) == []
