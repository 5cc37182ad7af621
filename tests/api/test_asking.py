"""Query parameters of lists: each is declared, limited and checked; none is ignored (A38)."""

import re
from datetime import UTC, datetime

import pytest
from drf_spectacular.generators import SchemaGenerator

from automation.models.source import InventorySource
from tests.api.calls import Api, codes
from tests.factories import LEAVE, submit

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture(scope="module")
def schema() -> dict:
    return SchemaGenerator().get_schema(request=None, public=True)


def queried(schema: dict, method: str = "get") -> dict[str, dict[str, dict]]:
    """Path → {parameter: its schema}, of the operations that take a query."""
    found = {}
    for path, operations in schema["paths"].items():
        parameters = operations.get(method, {}).get("parameters", [])
        query = {one["name"]: one["schema"] for one in parameters if one["in"] == "query"}
        if query:
            found[path.removeprefix("/api/v1/")] = query
    return found


LISTS = [
    "actions", "actions/sync", "audit/runs", "credentials", "deliveries", "departments", "groups", "hosts",
    "inventory/sources", "inventory/sources/{source_id}/runs", "jobs", "me/tokens", "notifications", "proxies",
    "reports/runs", "roles", "shell/alarms", "shell/hosts", "shell/lines", "shell/words",
    "studio/templates", "tasks", "templates", "templates/{key}/versions", "tickets", "tickets/{number}/events", "users",
]  # fmt: skip


def address(path: str) -> str:
    source, _new = InventorySource.objects.get_or_create(name="fleet", kind=InventorySource.Kind.values[0])
    return path.format(key="leave", number=submit("leave", LEAVE).number, id=1, job_id=1, source_id=source.pk)


def test_these_are_the_lists(schema) -> None:
    """A list that is added has its row here, and with it its promises."""
    assert sorted(path for path, query in queried(schema).items() if "limit" in query) == LISTS


@pytest.mark.parametrize("path", LISTS)
def test_A38_an_unknown_filter_is_refused_with_those_there_are(schema, path) -> None:
    names = queried(schema)[path]
    answer = Api("admin").get(address(path), stat="approving")
    assert (answer.status_code, codes(answer)) == (422, {("stat", "unknown_parameter")})
    (found,) = answer.json()["errors"]
    assert found["message"].endswith(f"There are: {', '.join(sorted(names))}.")
    assert Api("admin").get(address(path), limit=1).status_code == 200


@pytest.mark.parametrize("path", LISTS)
def test_the_schema_says_how_long_a_page_may_be(schema, path) -> None:
    limit = queried(schema)[path]["limit"]
    assert (limit["type"], limit["minimum"], limit["maximum"]) == ("integer", 1, 100)
    api = Api("admin")
    for wrong in (0, 101, "ten"):
        assert api.get(address(path), limit=wrong).status_code == 422
    for right in (1, 100):
        assert api.get(address(path), limit=right).status_code == 200


def test_every_number_has_bounds_and_every_closed_set_is_judged(schema) -> None:
    api = Api("admin")
    judged = 0
    for method in ("get", "post"):
        for path, query in queried(schema, method).items():
            for name, shape in query.items():
                if shape["type"] == "integer":
                    assert {"minimum", "maximum"} <= shape.keys(), (path, name)
                if method == "get" and ("enum" in shape or shape["type"] == "boolean"):
                    answer = api.get(address(path), **{name: "nonsense"})
                    assert (answer.status_code, codes(answer)) == (422, {(name, "not_an_option")}), path
                    assert answer.json()["errors"][0]["message"].startswith("One of: ")
                    judged += 1
    assert judged >= 8


@pytest.mark.parametrize(
    ("path", "query", "path_of_it"),
    [
        ("templates/leave/export", {"versio": 1}, "versio"),
        ("templates/leave/diff", {"form": 1}, "form"),
        ("reports/summary", {"moth": "2026-11"}, "moth"),
        ("reports/monthly.xlsx", {"moth": "2026-11"}, "moth"),
    ],
)
def test_A38_nor_is_it_passed_over_elsewhere(path, query, path_of_it) -> None:
    answer = Api("admin").get(path, **query)
    assert (answer.status_code, codes(answer)) == (422, {(path_of_it, "unknown_parameter")})


@pytest.mark.parametrize("last", ["0", "1001", "ten", "-1", "1e3"])
def test_how_many_past_tickets_is_no_guess(last) -> None:
    answer = Api("admin").post(f"templates/leave/replay?last={last}&version=1")
    assert (answer.status_code, codes(answer)) == (422, {("last", "not_a_number")})


def test_a_parameter_is_given_once() -> None:
    answer = Api("alice").client.get("/api/v1/tickets?state=approving&state=draft")
    assert (answer.status_code, codes(answer)) == (422, {("state", "given_twice")})


@pytest.mark.parametrize(
    ("created_to", "included"),
    [
        ("2026-11-30", True),
        ("2026-11-29", False),
        ("2026-12-01", True),
        ("2026-11-30T23:59:59.999999+08:00", False),  # a moment is left out, as ever
        ("2026-12-01T00:00:00+08:00", True),
        ("9999-12-31", True),
        ("0001-01-01", False),
    ],
)
def test_a_bare_day_is_a_whole_day_of_the_companys_zone(created_to, included) -> None:
    ticket = submit("leave", LEAVE, at=datetime(2026, 11, 30, 15, 59, 59, 999999, tzinfo=UTC))
    rows = Api("admin").get("tickets", q=ticket.number, created_to=created_to).json()["results"]
    assert bool(rows) is included
    rows = Api("admin").get("tickets", q=ticket.number, created_from="2026-11-30").json()["results"]
    assert len(rows) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"all": True}, 200),
        ({"ids": []}, 200),
        ({"all": 0}, 422),
        ({"all": 1}, 422),
        ({"all": "true"}, 422),
        ({"all": False}, 422),
        ({"ids": [1], "all": 0}, 422),
        ({"ids": [1], "all": False}, 422),
        ({"ids": [1], "all": True}, 422),
        ({"ids": [2**63]}, 422),
        ({}, 422),
    ],
)
def test_all_is_true_or_left_out(body, status) -> None:
    answer = Api("alice").post("notifications/read", body)
    assert answer.status_code == status, answer.content
    if status == 422:
        assert all(re.match(r"all$|ids", found["path"]) and found["message"] for found in answer.json()["errors"])


@pytest.mark.parametrize("draft", [0, 1, "true", "no", "on"])
def test_a_yes_or_no_is_a_yes_or_no(draft) -> None:
    answer = Api("alice").post("tickets", {"template": "leave", "form": LEAVE, "draft": draft})
    assert (answer.status_code, codes(answer)) == (422, {("draft", "invalid")})
