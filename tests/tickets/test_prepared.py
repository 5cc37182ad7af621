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
from common.paging import Page
from common.prepared import numbered, prepared
from tests.bench.seed import FACTS, STATEMENTS, TABLES
from tests.factories import NOW, approval, template, user
from tickets.engine import loading
from tickets.models import ApprovalTask, NodeVisit, Ticket
from tickets.queries import counts, waiting
from tickets.queries.my_turn import my_turn
from tickets.queries.reading import reading

COUNT, BUSY = 20_000, 100
LARGE = {f"tickets_{table}" for table in TABLES}
ALLOWED = 200  # rows that one step may read and throw away


@pytest.fixture(scope="module")
def crowd(django_db_setup, django_db_blocker, _loaded) -> Iterator[dict[str, Any]]:
    """20,000 tickets, of which BUSY wait for dave; rolled back in the end."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        template([approval("first", {"user": "dave"}), approval("second", {"user": "bob"})])
        people = {name: user(name).pk for name in ("alice", "bob", "carol", "dave", "erin", "heidi", "grace")}
        values: dict[str, Any] = {
            "first": 1_000_001, "last": 1_000_000 + COUNT, "count": COUNT, "every": COUNT // BUSY,
            "waiter": people["dave"], "waiter_name": "dave", "version": _version(), "facts": FACTS,
            "people": [people["alice"], people["heidi"], people["grace"]],
            "approvers": [people["bob"], people["erin"], people["carol"]],
            "begin": "2026-01-01 00:00+08", "span": "320 days",
        }  # fmt: skip
        with connection.cursor() as cursor:
            for statement in STATEMENTS:
                cursor.execute(statement, values)
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
    dave = ids["dave"]
    me: Fragment = profiles.profiling(timezone.now())
    alone = "SELECT ({}) FROM accounts_user u WHERE u.id = %(user)s"
    turn, later = my_turn(Page(20, None), NOW), my_turn(Page(20, page[40]), NOW)
    session = {"session_key": "x", "now": timezone.now()}
    page_of = reading(task.ticket.number, NOW)
    return {
        "session": (sessions.LOAD.format(beside="NULL"), session),
        "session and profile": (sessions.LOAD.format(beside=f"({me.sql})::text"), session | me.values),
        "counts": (alone.format(counts.COUNTS), {"user": dave, "at": NOW}),
        "lock by task": (loading.LOCKS["task"], {0: task.pk}),
        "lock by visit": (loading.LOCKS["visit"], {0: visit.pk}),
        "lock by number": (loading.LOCKS["number"], {0: task.ticket.number}),
        "rows of one": (loading.AS_TEXT, {"tickets": [task.ticket_id], "whole": True}),
        "rows of a page": (loading.AS_TEXT, {"tickets": page, "whole": False}),
        "my turn": (alone.format(turn.sql), turn.values | {"user": dave}),
        "my turn, page 2": (alone.format(later.sql), later.values | {"user": dave}),
        "a ticket's page": (sessions.LOAD.format(beside=f"({page_of.sql})::text"), session | page_of.values),
        "who comes": (people.KNOWN, {"names": ["", "bob"], "roles": [""], "people": [0, dave], "departments": [0]}),
        "waiting": (waiting.WAITING, {"tickets": page, "seats": [dave], "user": dave, "username": "dave"}),
    }  # fmt: skip


STEPS = (
    "session", "session and profile", "counts", "lock by task", "lock by visit", "lock by number", "rows of one",
    "rows of a page", "my turn", "my turn, page 2", "a ticket's page", "who comes", "waiting",
)  # fmt: skip


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
