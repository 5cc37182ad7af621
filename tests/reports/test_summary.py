"""The month's numbers, compared with cases counted by hand."""

from datetime import date
from typing import Any

import pytest

from reports.month import Month
from reports.queries.summary import STATES, summary
from tests.reports.world import person, sh, task, ticket, version

pytestmark = pytest.mark.django_db
NOVEMBER = Month(2026, 11)


@pytest.fixture
def people():
    return {name: person(name) for name in ("alice", "bob", "carol")}


def counts(figures):
    return {entry["state"]: entry["count"] for entry in figures["by_state"] if entry["count"]}


def test_an_empty_month_is_full_of_zeros_and_has_every_day():
    figures = summary(NOVEMBER)
    assert [figures[key] for key in ("total", "completed", "open", "vetoed", "withdrawn", "failed")] == [0] * 6
    assert figures["on_time_rate"] is None
    assert figures["median_hours"] is None
    assert figures["satisfaction"] == {"average": None, "count": 0}
    assert (figures["by_template"], figures["by_handler"]) == ([], [])
    assert [entry["state"] for entry in figures["by_state"]] == STATES
    assert figures["by_day"] == [{"date": date(2026, 11, day), "submitted": 0, "completed": 0} for day in range(1, 31)]


def test_a_ticket_belongs_to_the_local_month_of_its_submission(people):
    for moment in (
        "2026-10-31 23:59:59.999999",
        "2026-11-01 00:00",
        "2026-11-30 23:59:59.999999",
        "2026-12-01 00:00",
    ):
        ticket(people["alice"], moment)
    figures = summary(NOVEMBER)
    assert figures["total"] == 2
    days = {day["date"]: day["submitted"] for day in figures["by_day"] if day["submitted"]}
    assert days == {date(2026, 11, 1): 1, date(2026, 11, 30): 1}
    assert summary(Month(2026, 10))["total"] == summary(Month(2026, 12))["total"] == 1


def test_completed_counts_in_the_month_of_the_end(people):
    alice = people["alice"]
    ticket(alice, "2026-10-31 20:00", "2026-11-01 00:00")
    ticket(alice, "2026-11-10 10:00", "2026-11-10 12:00")
    ticket(alice, "2026-11-30 23:00", "2026-12-01 00:00")
    figures = summary(NOVEMBER)
    assert (figures["total"], figures["completed"]) == (2, 2)
    assert figures["median_hours"] == 3.0  # of 4 h and 2 h
    days = {day["date"].day: day["completed"] for day in figures["by_day"] if day["completed"]}
    assert days == {1: 1, 10: 1}
    assert figures["by_template"] == [
        {
            "key": "restart",
            "name": {"zh": "服务重启", "en": "Service restart"},
            "submitted": 2,
            "completed": 2,
            "median_hours": 3.0,
        }
    ]


def test_states_add_up_and_drafts_are_nobodys_business(people):
    alice = people["alice"]
    ticket(alice, None, state="draft")
    ticket(alice, None, "2026-11-02 10:00", state="withdrawn")  # withdrawn before it was ever handed in
    for state in ("approving", "returned", "executing", "failed"):
        ticket(alice, "2026-11-02 09:00", state=state)
    for state in ("completed", "vetoed", "vetoed", "withdrawn"):
        ticket(alice, "2026-11-02 09:00", "2026-11-02 10:00", state=state)
    figures = summary(NOVEMBER)
    assert figures["total"] == sum(entry["count"] for entry in figures["by_state"]) == 8
    assert (figures["open"], figures["failed"], figures["vetoed"], figures["withdrawn"]) == (4, 1, 2, 1)
    assert figures["completed"] == 1
    assert counts(figures)["vetoed"] == 2


def test_on_time_is_about_decisions_of_the_month_that_had_a_due_time(people):
    of = ticket(people["alice"], "2026-10-20 09:00")
    due: dict[str, Any] = {"due_at": sh("2026-11-05 12:00")}
    bob = people["bob"]
    task(of, bob, "2026-11-05 09:00", "2026-11-05 12:00", **due)  # on the dot
    task(of, bob, "2026-11-05 09:00", "2026-11-05 11:00", **due)
    task(of, bob, "2026-11-05 09:00", "2026-11-05 12:00:01", **due)  # late
    task(of, bob, "2026-11-05 09:00", "2026-11-05 13:00")  # nothing was due
    task(of, bob, "2026-11-05 09:00", **due)  # not decided
    task(of, bob, "2026-11-05 09:00", "2026-11-05 13:00", state="cancelled", decided_by=None, **due)
    task(of, bob, "2026-10-05 09:00", "2026-10-31 23:59", **due)  # another month
    assert summary(NOVEMBER)["on_time_rate"] == 0.6667


def test_handlers_are_those_who_acted_and_proxies_are_named(people):
    alice, bob, carol = people["alice"], people["bob"], people["carol"]
    of = ticket(alice, "2026-11-01 09:00")
    task(of, bob, "2026-11-02 09:00", "2026-11-02 10:00")
    task(of, bob, "2026-11-02 09:00", "2026-11-02 12:00", state="returned")
    task(of, bob, "2026-11-02 09:00", "2026-11-02 14:00", decided_by=carol, on_behalf_of=bob)
    task(of, carol, "2026-11-02 09:00", "2026-11-02 10:00", state="cancelled", decided_by=None)
    task(of, carol, "2026-11-02 09:00", "2026-11-02 10:00", decided_by=None, channel="system")
    assert summary(NOVEMBER)["by_handler"] == [
        {"username": "bob", "name": "Bob", "decided": 2, "on_behalf": 0, "median_hours": 2.0},
        {"username": "carol", "name": "Carol", "decided": 1, "on_behalf": 1, "median_hours": 5.0},
    ]


def test_satisfaction_is_about_tickets_completed_in_the_month(people):
    alice = people["alice"]
    ticket(alice, "2026-11-01 09:00", "2026-11-02 09:00", rating=5)
    ticket(alice, "2026-10-01 09:00", "2026-11-02 09:00", rating=4)
    ticket(alice, "2026-11-01 09:00", "2026-11-02 09:00", rating=4)
    ticket(alice, "2026-11-01 09:00", "2026-11-02 09:00")
    ticket(alice, "2026-11-01 09:00", "2026-12-02 09:00", rating=1)
    assert summary(NOVEMBER)["satisfaction"] == {"average": 4.33, "count": 3}


def test_a_template_is_called_what_its_current_version_calls_it(people):
    alice = people["alice"]
    old, new, draft = version(number=1), version(number=2, name="新名字"), version(number=3, name="草稿")
    old.template.current = new
    old.template.save()
    ticket(alice, "2026-11-01 09:00", version=old)
    ticket(alice, "2026-11-01 09:00", version=new)
    ticket(alice, "2026-11-01 09:00", version=version("leave", "请假"))
    rows = [(row["key"], row["name"], row["submitted"]) for row in summary(NOVEMBER)["by_template"]]
    assert rows == [("restart", "新名字", 2), ("leave", "请假", 1)]
    assert draft.number == 3


def test_the_number_of_statements_does_not_depend_on_the_month(people, django_assert_num_queries):
    with django_assert_num_queries(6):
        summary(NOVEMBER)
    for day in range(1, 29):
        of = ticket(people["alice"], f"2026-11-{day:02} 09:00", version=version(f"t{day}"))
        task(of, people["bob"], f"2026-11-{day:02} 09:00", f"2026-11-{day:02} 10:00")
    with django_assert_num_queries(6):
        figures = summary(NOVEMBER)
    assert (figures["total"], len(figures["by_template"])) == (28, 28)
