"""The plans of hot statements, prepared for any values, on tables where a wrong one would show (performance.md)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts import queries as profiles
from accounts.access import sessions
from accounts.fragments import Fragment
from accounts.organisation import people
from accounts.organisation.asks import Asks
from common.paging import Page
from common.prepared import numbered, prepared
from tests.bench.seed import FACTS, STATEMENTS, TABLES
from tests.factories import NOW, approval, template, user
from tickets.engine import loading
from tickets.engine.foretold import ticket_of
from tickets.models import ApprovalTask, NodeVisit, Ticket
from tickets.queries import counts, opening
from tickets.queries.lists import fragment
from tickets.queries.reading import reading

COUNT, BUSY = 100_000, 150
LARGE = {f"tickets_{table}" for table in TABLES}
ALLOWED = 200  # rows that one step may read and throw away


@pytest.fixture(scope="module")
def crowd(django_db_setup, django_db_blocker, _loaded) -> Iterator[dict[str, Any]]:
    """100,000 tickets, of which BUSY wait for dave; rolled back in the end."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        template([approval("first", {"user": "dave"}), approval("second", {"user": "bob"})])
        people = {name: user(name).pk for name in ("alice", "bob", "carol", "dave", "erin", "heidi", "grace", "admin")}
        values: dict[str, Any] = {
            "first": 1_000_001, "last": 1_000_000 + COUNT, "count": COUNT, "every": COUNT // BUSY,
            "waiter": people["dave"], "waiter_name": "dave", "version": _version(), "facts": FACTS,
            "people": [people["alice"], people["heidi"], people["grace"]],
            "approvers": [people["bob"], people["erin"], people["carol"]],
            "begin": "2026-01-01 00:00+08", "span": "320 days",
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # our own rows need no checks
            for statement in STATEMENTS:  # two events of a ticket are enough here
                cursor.execute(statement.replace("generate_series(1, 5)", "generate_series(1, 2)"), values)
            cursor.execute("ANALYZE")
            cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        yield people
        transaction.set_rollback(True)


def _version() -> int:
    return Ticket.template_version.field.related_model.objects.get(template__key="t").pk


def hot(ids: dict[str, Any]) -> dict[str, tuple[str, dict[Any, Any]]]:
    """Each hot statement with values of somebody busy."""
    task = ApprovalTask.objects.filter(state="pending", assignee=ids["dave"]).latest("pk")
    visit = NodeVisit.objects.get(pk=task.visit_id)
    page = list(ApprovalTask.objects.filter(state="pending").order_by("-pk").values_list("ticket_id", flat=True)[:50])
    session = {"session_key": "x", "now": timezone.now()}
    asked = Asks(("sre",), ("bob",), managers=True).of(ids["dave"], None)
    return {
        "session": (sessions.LOAD.format(beside="NULL"), session),
        "profile": alone(profiles.profiling(timezone.now()), ids["dave"]),
        "counts": alone(Fragment(counts.COUNTS, {"at": NOW}), ids["dave"]),
        "lock by task": (loading.LOCKS["task"], {0: task.pk}),
        "lock by visit": (loading.LOCKS["visit"], {0: visit.pk}),
        "lock by number": (loading.LOCKS["number"], {0: task.ticket.number}),
        "rows of one": (loading.AS_TEXT, {"tickets": [task.ticket_id], "whole": True}),
        "rows of a page": (loading.AS_TEXT, {"tickets": page, "whole": False}),
        "a ticket's page": alone(reading(task.ticket.number, NOW), ids["dave"]),
        "who comes": (f"SELECT {people.KNOWING}", asked),
        "rows and who comes": (loading.AND_KNOWN, {"tickets": [task.ticket_id], "whole": True, **asked}),
        "opening": (opening.OPENING, {"user": ids["dave"], "department": None, "key": "t", **asked}),
        "ticket of a task": alone(ticket_of(task.pk), ids["dave"]),
    }


def alone(fragment: Fragment, reader: int) -> tuple[str, dict[Any, Any]]:
    """A fragment, read for this person."""
    text = f"SELECT ({fragment.sql}) FROM accounts_user u WHERE u.id = %(user)s"
    return text, fragment.values | {"user": reader}


STEPS = (
    "session", "profile", "counts", "lock by task", "lock by visit", "lock by number", "rows of one",
    "rows of a page", "a ticket's page", "who comes", "rows and who comes", "opening",
    "ticket of a task",
)  # fmt: skip
# box, who has most in it, filters: each list of a hundred thousand tickets, or of hundreds that wait for one person.
LISTS: list[tuple[str, str, dict[str, Any]]] = [
    ("todo", "dave", {}),
    ("todo", "dave", {"state": "approving", "priority": "normal"}),
    ("todo", "dave", {"template": "t", "q": "ticket"}),
    ("done", "bob", {}),
    ("done", "bob", {"state": "completed", "template": "t"}),
    ("mine", "alice", {}),
    ("mine", "alice", {"state": "completed", "created_from": NOW.replace(year=2020)}),
    ("cc", "bob", {}),
    ("all", "bob", {}),
    ("all", "bob", {"state": "completed", "applicant": "alice"}),
    ("all", "admin", {}),
    ("all", "admin", {"state": "approving"}),
    ("all", "admin", {"priority": "normal", "q": "ticket", "created_to": NOW.replace(year=2099)}),
]


@pytest.mark.parametrize("after", [None, 1_050_000], ids=["first", "later"])
@pytest.mark.parametrize("asked", LISTS, ids=str)
def test_a_page_of_a_list_reads_little_more_than_itself(crowd, django_db_blocker, asked, after) -> None:
    box, who, filters = asked
    with django_db_blocker.unblock():
        plan = explained(*alone(fragment(box, filters, Page(20, after), NOW), crowd[who]))
    assert [step for step in steps(plan) if is_wasteful(step)] == []


@pytest.mark.parametrize("name", STEPS)
def test_no_step_of_a_generic_plan_reads_a_table(crowd, django_db_blocker, name) -> None:
    with django_db_blocker.unblock():
        text, values = hot(crowd)[name]
        plan = explained(text, values)
    bad = [step for step in steps(plan) if is_wasteful(step)]
    assert bad == []


def explained(text: str, values: dict[Any, Any]) -> dict[str, Any]:
    """The plan that runs for this statement, with what each step really read."""
    query, names = numbered(text)
    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE hot AS {query}".replace("%", "%%"))
        given = ", ".join(["%s"] * len(names))
        execute = f"EXECUTE hot ({given})" if names else "EXECUTE hot"
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {execute}", [values[name] for name in names])
        found = cursor.fetchone()[0]
        cursor.execute("DEALLOCATE hot")
    return (found if isinstance(found, list) else json.loads(found))[0]["Plan"]


def steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {key: value for key, value in plan.items() if key != "Plans"}
    for below in plan.get("Plans", ()):
        yield from steps(below)


def is_wasteful(step: dict[str, Any]) -> bool:
    """Whether it walks a table that grows with the tickets, or throws rows away by the hundred."""
    walks = step["Node Type"] == "Seq Scan" and step["Relation Name"] in LARGE and step["Actual Loops"]
    return bool(walks) or step.get("Rows Removed by Filter", 0) * step["Actual Loops"] > ALLOWED


def test_statements_are_planned_once(world) -> None:
    """Else the longest are planned at every call: their lists of one are guessed to be of ten."""
    values: Any = {"tickets": [1], "whole": True}
    with prepared() as cursor:
        for _again in range(8):
            cursor.execute(loading.AS_TEXT, values)
        cursor.execute("SELECT custom_plans FROM pg_prepared_statements WHERE statement LIKE %s", ["%running_below%"])
        assert {row[0] for row in cursor.fetchall()} == {0}


def test_values_are_numbered_once_and_integers_are_of_one_type(db) -> None:
    assert numbered("%(a)s, %(b)s, %(a)s, 100 %%") == ("$1, $2, $1, 100 %", ("a", "b"))
    assert numbered("%s and %s") == ("$1 and $2", (0, 1))
    with prepared() as cursor:
        for value in (5, 70_000, 5_000_000_000):
            cursor.execute("SELECT pg_typeof(%(value)s)::text, %(value)s", {"value": value})
            assert cursor.fetchone() == ("bigint", value)
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT pg_typeof(%%'")
        assert cursor.fetchone() == (1,)


def test_a_number_that_no_column_holds_is_not_found(world) -> None:
    with prepared() as cursor:
        cursor.execute(loading.LOCKS["task"], [10**30])
        assert cursor.fetchone() is None
