"""People notified of a failed run can open it, and see exactly the buttons that the API accepts."""

from contextlib import suppress

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from accounts.models import Role, RoleMember, User
from automation.commands.claim import claim
from automation.commands.finish import finish
from automation.executors.base import HostResult
from automation.executors.verdict import Verdict
from automation.models import Job
from notify.channels.email import build
from notify.channels.wecom_card import _card_of
from notify.models import Delivery
from notify.recipients.by_event import recipients
from notify.wecom import cards
from tests.automation.test_api import client, get, post
from tests.automation.world import TEMPLATES, approve, approved_job, publish, submit
from tickets.background.dispatch import dispatch
from tickets.models import Event

pytestmark = pytest.mark.django_db(transaction=True)
JOB_VERBS = {"cancel": {}, "rerun": {"hosts": "all", "comment": "again"}, "resolve": {"comment": "by hand"}}


class Undo(Exception):
    """Take back what a request did."""


@pytest.fixture
def browsers(people) -> dict[str, Client]:
    """alice applicant, bob approver, erin operator, heidi nobody, root administrator."""
    people["root"] = User.objects.create(username="root", name="Root", is_admin=True, language="en")
    return {name: client(user) for name, user in people.items()}


def job_in(state: str, people) -> Job:
    job = approved_job("sql", people, ["demo-01"], sql="SELECT 1")
    if state != "waiting":
        claimed = claim(job.pk)
        assert claimed is not None
        if state != "running":
            verdict = Verdict("ok" if state == "completed" else "failed", {"demo-01": HostResult(state)})
            assert finish(job.pk, claimed.attempt, "", verdict)
    job.refresh_from_db()
    assert job.state == state
    return job


def tried(browser: Client, path: str, body: object) -> bool:
    """Whether the API obeys; what it did is taken back."""
    status = 0
    with suppress(Undo), transaction.atomic():
        status = post(browser, path, body).status_code
        raise Undo
    assert status in (200, 201, 403, 404, 409), (path, status)
    return status < 300


def attaches(browser: Client, number: str) -> bool:
    status = 0
    with suppress(Undo), transaction.atomic():
        file = SimpleUploadedFile("note.txt", b"hello")
        status = browser.post(f"/api/v1/tickets/{number}/attachments", {"file": file}).status_code
        raise Undo
    return status < 300


@pytest.mark.parametrize("state", ["waiting", "running", "failed", "completed"])
def test_every_button_is_one_that_the_api_obeys(browsers, people, hosts, state) -> None:
    job = job_in(state, people)
    number = job.ticket.number
    for name, browser in browsers.items():
        page, seen = get(browser, f"tickets/{number}"), get(browser, f"jobs/{job.pk}")
        assert (page.status_code, seen.status_code) == ((404, 404) if name == "heidi" else (200, 200)), name
        offered = set(seen.json()["allowed_actions"]) if seen.status_code == 200 else set()
        obeyed = {verb for verb, body in JOB_VERBS.items() if tried(browser, f"jobs/{job.pk}/{verb}", body)}
        assert offered == obeyed, (name, state)
        said = set(page.json()["allowed_actions"]) if page.status_code == 200 else set()
        assert ("comments" in said) == tried(browser, f"tickets/{number}/comments", {"text": "hi"}), name
        assert ("watch" in said) == tried(browser, f"tickets/{number}/watch", {"users": ["heidi"]}), name
        assert ("withdraw" in said) == tried(browser, f"tickets/{number}/withdraw", {"comment": "x"}), name
        assert ("attachments" in said) == attaches(browser, number), name


def test_whoever_hears_of_a_failure_can_open_it(browsers, people, hosts) -> None:
    job = job_in("failed", people)
    told = recipients([Event.objects.get(ticket=job.ticket, kind="ticket.failed")])
    names = set(User.objects.filter(pk__in={person.user_id for person in told}).values_list("username", flat=True))
    assert names == {"alice", "erin"}
    for browser in (browsers[name] for name in names):
        assert get(browser, f"tickets/{job.ticket.number}").status_code == 200
        assert get(browser, f"tickets/{job.ticket.number}/events").status_code == 200
    assert get(browsers["erin"], f"jobs/{job.pk}").json()["allowed_actions"] == ["rerun", "resolve"]


def test_I03_nobody_resolves_a_job_of_his_own_ticket(browsers, people, hosts) -> None:
    RoleMember.objects.create(role=Role.objects.get(key="sre"), user=people["alice"])
    path = f"jobs/{job_in('failed', people).pk}"
    assert get(browsers["alice"], path).json()["allowed_actions"] == ["rerun"]
    refused = post(browsers["alice"], f"{path}/resolve", {"comment": "It is fine."})
    assert (refused.status_code, refused.json()["code"]) == (403, "own_ticket")
    assert post(browsers["erin"], f"{path}/resolve", {"comment": "It is fine."}).status_code == 200


def test_I23_what_runs_nothing_yet_is_not_the_operators_to_see(browsers, people, hosts) -> None:
    job = job_in("waiting", people)
    fresh = submit("sql", people, ["demo-01"], sql="SELECT 2")
    assert get(browsers["erin"], f"tickets/{fresh.number}").status_code == 404
    assert get(browsers["erin"], f"tickets/{job.ticket.number}").status_code == 200
    assert get(browsers["erin"], "tickets?box=all").json()["results"] == []
    approve(fresh, people)
    assert get(browsers["erin"], f"tickets/{fresh.number}").status_code == 200


def test_I23_hidden_fields_stay_hidden_from_operators(browsers, people, hosts, monkeypatch) -> None:
    field = "  - {key: salary, type: money, label: Salary, hidden_at: [leader]}"
    monkeypatch.setitem(TEMPLATES, "look", ("system.os_version", field, ""))
    job = approved_job("look", people, ["demo-01"], salary=5000)
    assert "salary" in get(browsers["alice"], f"tickets/{job.ticket.number}").json()["form"]
    shown = get(browsers["erin"], f"tickets/{job.ticket.number}")
    assert "salary" not in shown.json()["form"]
    assert "5000" not in shown.content.decode()


def test_a_mail_says_what_runs_and_a_card_its_digest(browsers, people, hosts, monkeypatch, settings) -> None:
    settings.WECOM_ENABLED = True
    User.objects.filter(username="bob").update(email="bob@example.com", wecom_userid="bob")
    publish("sql")
    ticket = submit("sql", people, ["demo-01"], sql="SELECT 1")
    dispatch()
    text = build(Delivery.objects.get(kind="email", recipient=people["bob"], event__kind="task.assigned")).body
    for said in ("What runs: Database change", "SQL: SELECT 1", "Hosts: demo-01", f"Digest: {ticket.content.digest}"):
        assert said in text, text
    card = cards.face(_card_of(Delivery.objects.get(kind="wecom_card", recipient=people["bob"])))
    assert cards.short(ticket.content.digest) in card.body["sub_title_text"]


def test_I23_a_mail_to_operators_hides_what_the_page_hides(browsers, people, hosts, monkeypatch) -> None:
    field = "  - {key: salary, type: money, label: Salary, hidden_at: [leader]}"
    monkeypatch.setitem(TEMPLATES, "look", ("system.os_version", field, ""))
    User.objects.update(email="somebody@example.com")
    job = approved_job("look", people, ["demo-01"], salary=5000)
    claimed = claim(job.pk)
    assert claimed is not None
    finish(job.pk, claimed.attempt, "", Verdict("failed", {"demo-01": HostResult("failed")}))
    dispatch()
    mails = {
        name: build(Delivery.objects.get(kind="email", recipient=people[name], event__kind="ticket.failed")).body
        for name in ("alice", "erin")
    }
    assert "Salary: CN¥5,000.00" in mails["alice"]
    assert ("Salary" in mails["erin"], "Hosts: demo-01" in mails["erin"]) == (False, True)


def test_who_lost_the_right_sees_nothing_any_more(browsers, people, hosts) -> None:
    job = job_in("failed", people)
    RoleMember.objects.filter(user=people["erin"]).delete()
    assert get(browsers["erin"], f"tickets/{job.ticket.number}").status_code == 404
    assert get(browsers["erin"], f"jobs/{job.pk}").status_code == 404
