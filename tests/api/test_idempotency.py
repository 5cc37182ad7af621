"""The same key and body return the first response again (F02, F11). Parallel use: tests/races/."""

import json
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.api import idempotency
from accounts.models import IdempotencyRecord
from templates_engine.models import TemplateVersion
from tests.api.calls import Api, browser, script
from tests.factories import LEAVE, NOW, act, approval, document, fresh, kinds, pending, submit, user, waiting
from tickets.models import Event, Ticket

pytestmark = pytest.mark.usefixtures("world")
BODY = {"template": "leave", "form": LEAVE}


def test_the_same_answer_and_one_ticket() -> None:
    api = Api("alice")
    before = Ticket.objects.count()
    first = api.post("tickets", BODY, Idempotency_Key="k1")
    again = api.post("tickets", BODY, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert Ticket.objects.count() == before + 1


def test_another_key_or_none_acts_again() -> None:
    api = Api("alice")
    numbers = {api.post("tickets", BODY, Idempotency_Key=key).json()["number"] for key in ("a", "b")}
    numbers |= {api.post("tickets", BODY).json()["number"] for _try in range(2)}
    assert len(numbers) == 4


@pytest.mark.parametrize("other", ["body", "path", "query"])
def test_another_request_is_a_mismatch(other) -> None:
    api = Api("alice")
    number = api.post("tickets", BODY, Idempotency_Key="k").json()["number"]
    answer = {
        "body": lambda: api.post("tickets", {**BODY, "title": "x"}, Idempotency_Key="k"),
        "path": lambda: api.post(f"tickets/{number}/withdraw", BODY, Idempotency_Key="k"),
        "query": lambda: api.post("tickets?x=1", BODY, Idempotency_Key="k"),
    }[other]()
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_mismatch")
    assert Ticket.objects.get(number=number).state == "approving"


def test_keys_are_everybodys_own() -> None:
    alice = Api("alice").post("tickets", BODY, Idempotency_Key="k").json()
    heidi = Api("heidi").post("tickets", BODY, Idempotency_Key="k")
    assert heidi.status_code == 201
    assert heidi.json()["number"] != alice["number"]


def test_a_refusal_is_kept_too() -> None:
    api = Api("alice")
    ticket = submit("leave", LEAVE)
    path = f"tickets/{ticket.number}/resubmit"
    first = api.post(path, {}, Idempotency_Key="k")
    assert (first.status_code, first.json()["code"]) == (409, "wrong_state")
    act(ticket, "bob", "return", comment="why")
    again = api.post(path, {}, Idempotency_Key="k")
    assert (again.status_code, again.json()) == (409, first.json())
    assert again["Content-Type"] == "application/problem+json"
    assert api.post(path, {}, Idempotency_Key="k2").status_code == 200


def test_F02_a_decision_retried_is_not_a_second_decision() -> None:
    ticket = submit("leave", LEAVE)
    task = pending(ticket)
    api = Api("bob")
    answers = [api.post(f"tasks/{task.pk}/approve", {"comment": "ok"}, Idempotency_Key="tap") for _try in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert Event.objects.filter(ticket=ticket, kind="task.approved").count() == 1
    without = api.post(f"tasks/{task.pk}/approve", {"comment": "ok"})
    assert (without.status_code, without.json()["code"]) == (409, "task_already_decided")


@pytest.mark.parametrize("act_", ["submit", "approve"])
def test_the_slower_of_two_gets_the_answer_of_the_faster(monkeypatch, act_) -> None:
    """Both found no record; the slower one is refused, or done and then undone."""
    who, path, body = "alice", "tickets", BODY
    if act_ == "approve":
        who, path, body = "bob", f"tasks/{pending(submit('leave', LEAVE)).pk}/approve", {}
    before, faster, once = Ticket.objects.count(), [], idempotency._once

    def overtaken(*given):
        monkeypatch.undo()
        faster.append(Api(who).post(path, body, Idempotency_Key="k"))
        return once(*given)

    monkeypatch.setattr(idempotency, "_once", overtaken)
    slower = Api(who).post(path, body, Idempotency_Key="k")
    assert (slower.status_code, slower.content) == (faster[0].status_code, faster[0].content)
    assert slower.status_code < 300
    assert Ticket.objects.count() == before + (act_ == "submit")


@pytest.mark.parametrize("headers", [{}, {"Idempotency_Key": "tap"}], ids=["no key", "a key"])
def test_I06_F01_what_was_not_committed_has_not_happened(monkeypatch, headers) -> None:
    """The database goes away when all is written and nothing is committed: nobody is told that it was done."""

    def gone(_ticket) -> None:
        raise OperationalError("the connection is lost")

    ticket = submit("leave", LEAVE)
    path, told = f"tasks/{pending(ticket).pk}/approve", kinds(ticket)
    monkeypatch.setattr("tickets.commands.decide.wake_parent", gone)
    answer = Api("bob").post(path, {}, **headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert (kinds(ticket), waiting(ticket), fresh(ticket).state) == (told, ["bob"], "approving")
    monkeypatch.undo()
    assert Api("bob").post(path, {}, **headers).status_code == 200
    assert kinds(ticket).count("task.approved") == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "tab\there", "é"])
def test_keys_are_short_printable_ascii(key) -> None:
    before = Ticket.objects.count()
    answer = Api("alice").post("tickets", BODY, Idempotency_Key=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_idempotency_key")
    assert Ticket.objects.count() == before


def test_a_key_is_forgotten_after_three_days() -> None:
    api = Api("alice")
    first = api.post("tickets", BODY, Idempotency_Key="k").json()["number"]
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(days=3, seconds=1))
    assert api.post("tickets", BODY, Idempotency_Key="k").json()["number"] != first


def test_A15_a_bulk_judges_each_alone_and_answers_the_same_again() -> None:
    own, foreign, done = submit("leave", LEAVE), submit("leave", LEAVE, by="carol"), submit("leave", LEAVE)
    ids = [pending(ticket).pk for ticket in (own, foreign, done)]
    act(done, "bob")
    body = {"ids": [*ids, 10**15, ids[0]], "action": "approve"}
    expected = [
        {"id": ids[0], "ok": True},
        {"id": ids[1], "ok": False, "code": "not_found"},
        {"id": ids[2], "ok": False, "code": "task_already_decided"},
        {"id": 10**15, "ok": False, "code": "not_found"},
    ]
    api = Api("bob")
    for _try in range(2):
        answer = api.post("tasks/bulk", body, Idempotency_Key="k")
        assert (answer.status_code, answer.json()) == (200, expected)


def test_every_post_that_acts_takes_a_key() -> None:
    """Twice the same request with one key leaves one event."""
    ticket = submit("leave", LEAVE)
    api = Api("alice")
    for path, body in (
        (f"tickets/{ticket.number}/comments", {"text": "hello"}),
        (f"tickets/{ticket.number}/watch", {"users": ["erin"]}),
        (f"tickets/{ticket.number}/remind", {}),
        (f"tickets/{ticket.number}/copy", {}),
        (f"tickets/{ticket.number}/withdraw", {"comment": "no"}),
        ("proxies", {"agent": "carol", "starts_at": NOW.isoformat(), "ends_at": "2099-01-01T00:00:00Z"}),
    ):
        first = api.post(path, body, Idempotency_Key=path[-60:])
        events = Event.objects.count()
        again = api.post(path, body, Idempotency_Key=path[-60:])
        assert first.status_code in (200, 201), path
        assert (again.status_code, again.content) == (first.status_code, first.content), path
        assert Event.objects.count() == events, path
    assert user("alice").proxies_given.count() == 1


@pytest.mark.parametrize("door", [browser, script])
def test_json_through_every_door(door) -> None:
    """The check of a session's token reads the body before anybody else does."""
    client, headers = door("alice")

    def send(body: str):
        sent = headers | {"Idempotency-Key": "k"}
        return client.post("/api/v1/tickets", body, content_type="application/json", headers=sent)

    before = Ticket.objects.count()
    first, again = send(json.dumps(BODY)), send(json.dumps(BODY, indent=2, sort_keys=True))
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert send(json.dumps({**BODY, "title": "x"})).json()["code"] == "idempotency_mismatch"
    assert Ticket.objects.count() == before + 1


@pytest.mark.parametrize("door", [browser, script])
def test_yaml_through_every_door(door) -> None:
    client, headers = door("admin")

    def send(text: str):
        sent = headers | {"Idempotency-Key": "k"}
        url = "/api/v1/templates/import?publish=true"
        return client.generic("POST", url, text, content_type="application/yaml", headers=sent)

    text = document([approval("a", {"manager": 1})], key="sent-twice")
    first, again = send(text), send(text)
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert send(text + " ").json()["code"] == "idempotency_mismatch"
    assert TemplateVersion.objects.filter(template__key="sent-twice").count() == 1


def test_one_number_written_in_two_ways_is_two_requests() -> None:
    api = Api("alice")
    for days, status in (("2", 201), ("2.0", 409), ("true", 409)):
        body = json.dumps(BODY).replace('"days": 2', f'"days": {days}')
        assert api.post("tickets", body, Idempotency_Key="k").status_code == status
