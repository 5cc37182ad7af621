"""The queue as people see it: in order, with reasons, without what they may not see (I23)."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from automation.commands.claim import claim
from automation.models import Job
from config import pulses
from templates_engine.store.commands import import_template
from tests.automation.world import HEAD, TEMPLATES, approve, publish, submit
from tickets.background.dispatch import dispatch

pytestmark = pytest.mark.django_db


@pytest.fixture
def make(people, hosts, monkeypatch):
    """Makes a change that waits, handed in by this person."""
    monkeypatch.setattr("common.doorbell.ring", lambda *what: None)
    publish("sql")

    def made(*names: str, by: str = "alice") -> Job:
        ticket = submit("sql", {"alice": people[by]}, list(names), sql="SELECT 1")
        approve(ticket, people)
        dispatch()
        return Job.objects.get(ticket=ticket)

    return made


def get(person, path: str) -> dict:
    browser = Client(headers={"Accept-Language": "en"})
    browser.force_login(person, backend="accounts.backends.PasswordBackend")
    return browser.get(f"/api/v1/{path}").json()


def test_the_queue_says_in_which_order_jobs_start_and_why_not_yet(make, people) -> None:
    later, first, second, third = make("demo-03"), make("demo-01"), make("demo-01", "demo-02"), make("demo-02")
    Job.objects.filter(pk=later.pk).update(not_before=Now() + timedelta(hours=1))
    queue = get(people["erin"], "jobs?queue=true")
    assert [row["id"] for row in queue["results"]] == [first.pk, second.pk, third.pk, later.pk]
    assert queue["next"] is None
    assert [row["reason"] for row in queue["results"]] == ["executor", "executor", "executor", "time"]
    pulses.beat(pulses.EXECUTOR)
    assert get(people["erin"], "jobs?queue=true")["results"][0]["reason"] == "place"
    assert claim(first.pk)
    rows = get(people["erin"], "jobs?queue=true")["results"]
    assert [row["reason"] for row in rows] == ["running", "host", "host", "time"]
    waits = [[(wait["job"], wait["running"], wait["host"]) for wait in row["waits_for"]] for row in rows]
    assert waits == [[], [(first.pk, True, "demo-01")], [(second.pk, False, "demo-02")], []]
    assert rows[1]["waits_for"][0]["ticket"] == first.ticket.number
    assert get(people["erin"], f"jobs/{second.pk}")["waits_for"] == rows[1]["waits_for"]


def test_the_queue_is_read_in_pages(make, people) -> None:
    jobs = [make("demo-01").pk for _number in range(3)]
    page = get(people["erin"], "jobs?queue=true&limit=2")
    rest = get(people["erin"], f"jobs?queue=true&limit=2&cursor={page['next']}")
    assert [row["id"] for row in page["results"] + rest["results"]] == jobs
    assert rest["next"] is None


def test_I23_of_a_ticket_that_is_not_mine_i_learn_only_that_something_is_in_the_way(make, people) -> None:
    first, second = make("demo-01", by="heidi"), make("demo-01")
    assert claim(first.pk)
    wait = {"job": None, "ticket": None, "running": True, "held": False, "host": "demo-01", "action": None}
    assert get(people["alice"], f"jobs/{second.pk}")["waits_for"] == [wait]
    assert [row["id"] for row in get(people["alice"], "jobs?queue=true")["results"]] == [second.pk]


def test_I23_a_host_that_is_hidden_from_some_is_not_named(make, people) -> None:
    action, form, params = TEMPLATES["sql"]
    text = HEAD.format(key="sql", action=action, form=form, params=params, more="")
    text = text.replace("required: true}", "required: true, hidden_at: [check]}", 1)
    text += "  - {node: check, type: confirm, name: 确认, assignees: [{user: heidi}]}\n"
    import_template(text=text, actor=None, at=timezone.now(), publish_it=True)
    first, second = make("demo-01"), make("demo-01")
    assert claim(first.pk)
    [wait] = get(people["erin"], f"jobs/{second.pk}")["waits_for"]
    assert (wait["job"], wait["host"]) == (first.pk, None)
