"""Errors are RFC 9457 documents in the caller's language; bodies are checked strictly (A02, A08, A09, A37, A38)."""

from typing import Any

import pytest
from django.db import connection, transaction

from tests.api.calls import Api, browser, codes, script
from tests.factories import LEAVE, approval, fresh, pending, submit, template, user
from tests.hostile import HOSTILE, UNSTORABLE
from tickets.models import Event, Ticket

pytestmark = pytest.mark.usefixtures("world")


def problem(answer, status: int, code: str) -> dict:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert {"type", "title", "status", "code", "detail"} <= set(document)
    assert (document["status"], document["code"], document["type"]) == (status, code, f"/problems/{code}")
    assert document["detail"]
    for error in document.get("errors", []):
        assert {"path", "code", "message"} <= set(error) <= {"path", "code", "message", "suggestion"}
    return document


@pytest.fixture
def ticket():
    return submit("leave", LEAVE)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "nothing/here", None, 404, "not_found"),
        ("GET", "tickets/NONE-20261121-0001", None, 404, "not_found"),
        ("GET", "templates/none", None, 404, "not_found"),
        ("DELETE", "tickets", None, 405, "method_not_allowed"),
        ("POST", "tickets", "{", 400, "malformed"),
        ("POST", "tickets", "", 422, "invalid"),
        ("POST", "tickets", "nope", 400, "malformed"),
        ("POST", "tickets", b"\xff\xfe", 400, "malformed"),
        ("POST", "tickets", '{"template": "leave", "form": {"days": NaN}}', 400, "malformed"),
        ("POST", "tickets", '{"template": "leave", "form": {"days": Infinity}}', 400, "malformed"),
        ("POST", "tickets", '{"template": "leave", "form": {"days": 1, "days": 2}}', 400, "malformed"),
        ("POST", "tickets", '{"template": "leave", "template": "leave", "form": {}}', 400, "malformed"),
        ("POST", "tickets", "[" * 100_000, 400, "malformed"),
        ("POST", "tickets", '{"a":' * 100_000, 400, "malformed"),
        ("POST", "tickets", '{"template": ' + "9" * 5000 + "}", 400, "malformed"),
        ("POST", "tickets", '{"form": "' + "x" * (2 << 20) + '"}', 413, "body_too_large"),
        ("POST", "tickets", '{"form": "' + "x" * (7 << 20) + '"}', 413, "body_too_large"),
        ("POST", "tickets", [], 422, "invalid"),
        ("POST", "tickets", "5", 422, "invalid"),
        ("POST", "tickets", "null", 422, "invalid"),
        ("POST", "tickets", {"template": "leave"}, 422, "invalid"),
        ("POST", "tickets", {"template": "none", "form": {}}, 404, "not_found"),
        ("POST", "tickets", {"template": "leave", "form": {}}, 422, "invalid"),
        ("POST", "tickets", {"template": "leave", "form": []}, 422, "invalid"),
        ("POST", "tickets", {"template": "leave", "form": None}, 422, "invalid"),
        ("POST", "tickets", {"template": "leave", "form": LEAVE, "priority": "huge"}, 422, "invalid"),
        ("POST", "tickets", {"template": "leave", "form": LEAVE, "title": "x" * 201}, 422, "invalid"),
        ("POST", "tickets", {"template": ["leave"], "form": LEAVE}, 422, "invalid"),
        ("POST", "tasks/bulk", {"ids": [], "action": "approve"}, 422, "invalid"),
        ("POST", "tasks/bulk", {"ids": list(range(1, 102)), "action": "approve"}, 422, "invalid"),
        ("POST", "tasks/bulk", {"ids": [10**30], "action": "approve"}, 422, "invalid"),
        ("POST", "tasks/bulk", {"ids": [1], "action": "delete"}, 422, "invalid"),
        ("POST", "tasks/bulk", {"ids": [1], "action": "return"}, 422, "invalid"),
        *(("POST", f"tasks/{missing}/approve", {}, 404, "not_found") for missing in (0, 10**40)),
        ("GET", "tickets?limit=0", None, 422, "bad_page"),
        ("GET", "tickets?cursor=x", None, 422, "bad_page"),
        ("GET", "tickets?box=secret", None, 422, "invalid"),
        ("GET", "tickets?state=lost", None, 422, "invalid"),
        ("GET", "tickets?created_from=yesterday", None, 422, "invalid"),
        ("GET", "tickets?created_from=2026-13-01", None, 422, "invalid"),
        ("GET", "tickets?created_from=2026-11-21T00:00:00", None, 422, "invalid"),
        ("POST", "proxies", {"agent": "carol"}, 422, "invalid"),
        (
            "POST",
            "proxies",
            {
                "agent": "carol",
                "starts_at": "2090-01-01T00:00:00Z",
                "ends_at": "2091-01-01T00:00:00Z",
                "templates": ["leave", "nope"],
            },
            422,
            "invalid",
        ),
        ("POST", "auth/logout", {"x": 1}, 400, "invalid"),
        ("POST", "auth/logout", [], 422, "invalid"),
        ("POST", "auth/logout", "5", 422, "invalid"),
        ("POST", "templates/leave/simulate", {"form": {}, "priority": "zzz"}, 422, "invalid"),
        ("POST", "me/tokens", {"name": ""}, 422, "invalid"),
        ("PATCH", "me", {"language": "fr"}, 422, "invalid"),
    ],
)
def test_the_shape_of_a_refusal(method, path, body, status, code) -> None:
    problem(Api("alice").send(method, path, body), status, code)


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "k"}], ids=["no key", "a key"])
@pytest.mark.parametrize("door", [browser, script])
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "malformed"),
        ('{"form": "' + "x" * (3 << 20) + '"}', 413, "body_too_large"),
        ('{"form": "' + "x" * (7 << 20) + '"}', 413, "body_too_large"),
    ],
    ids=["not JSON", "3 MB", "7 MB"],
)
def test_a_body_that_is_none_through_every_door(door, key, body, status, code) -> None:
    client, headers = door("alice")
    answer = client.post("/api/v1/tickets", body, content_type="application/json", headers=headers | key)
    problem(answer, status, code)


def test_nobody_is_told_how_to_log_in() -> None:
    answer = Api().get("me")
    problem(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("language", "words"), [("en", "There is nothing here"), ("zh-hans", "这里没有")])
def test_in_the_callers_language(language, words) -> None:
    answer = Api("alice", language).get("tickets/NONE-1")
    assert answer["Content-Language"] == language
    assert problem(answer, 404, "not_found")["detail"].startswith(words)


def test_F14_a_database_that_only_reads_confirms_nothing_and_shows_everything(ticket) -> None:
    api, path = Api("bob"), f"tasks/{pending(ticket).pk}/approve"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")
        for headers in ({}, {"Idempotency_Key": "k"}):
            problem(api.post(path, {}, **headers), 503, "database_unavailable")
        assert api.get(f"tickets/{ticket.number}").json()["state"] == "approving"
        assert [row["number"] for row in api.get("tickets", box="todo").json()["results"]] == [ticket.number]
        transaction.set_rollback(True)
    assert api.post(path, {}, Idempotency_Key="k").json()["state"] == "completed"


@pytest.mark.parametrize(("language", "words"), [("en", "Your session page"), ("zh-hans", "页面已过")])
def test_A08_a_missing_csrf_token_in_the_callers_language(language, words) -> None:
    client, headers = browser("alice")
    sent = {"accept-language": language}
    refused = client.post("/api/v1/me/tokens", {"name": "x"}, content_type="application/json", headers=sent)
    assert problem(refused, 403, "csrf_failed")["detail"].startswith(words)
    assert refused["Content-Language"] == language
    assert user("alice").tokens.count() == 0
    taken = client.post("/api/v1/me/tokens", {"name": "x"}, content_type="application/json", headers=headers)
    assert taken.status_code == 201


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/none", "/api/schema"])
def test_A23_a_foreign_host_is_refused_as_everything_else_is(path) -> None:
    problem(Api("alice").client.get(path, headers={"host": "evil.example.com"}), 400, "wrong_host")


def test_an_unknown_language_is_the_houses(settings) -> None:
    assert Api("alice", "tlh").get("me")["Content-Language"] == settings.LANGUAGE_CODE


FOREIGN = ["actor", "approver", "user_id", "operator", "on_behalf_of", "state", "digest", "template_version",
           "assignees", "requester", "approved_by", "created_at", "applicant", "number", "__class__"]  # fmt: skip


@pytest.mark.parametrize("key", FOREIGN)
def test_A09_what_is_not_writable_is_refused(key) -> None:
    before = Ticket.objects.count()
    answer = Api("alice").post("tickets", {"template": "leave", "form": LEAVE, key: "admin"})
    assert codes(answer) == {(key, "unknown_key")}
    problem(answer, 400, "invalid")
    assert Ticket.objects.count() == before


@pytest.mark.parametrize("key", [key for key in FOREIGN if key != "digest"])
@pytest.mark.parametrize("verb", ["approve", "veto", "return", "confirm"])
def test_A02_nobody_says_who_he_is(ticket, key, verb) -> None:
    answer = Api("bob").post(f"tasks/{pending(ticket).pk}/{verb}", {"comment": "x", key: "admin"})
    problem(answer, 400, "invalid")
    assert fresh(ticket).state == "approving"


@pytest.mark.parametrize("header", ["X-User", "X-Remote-User", "Remote-User", "X-Forwarded-User", "X-Actor"])
def test_A02_no_header_says_who_he_is(ticket, header) -> None:
    answer = Api("heidi").send("POST", f"tasks/{pending(ticket).pk}/approve?actor=bob&user_id=1", {}, **{header: "bob"})
    problem(answer, 404, "not_found")
    problem(Api().send("GET", "me", **{header: "bob"}), 401, "not_authenticated")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/html",
        "application/xml",
        "x",
    ],
)
def test_A08_json_only(ticket, content_type) -> None:
    api = Api("bob")
    body = '{"comment": ""}'
    answer = api.client.generic("POST", f"/api/v1/tasks/{pending(ticket).pk}/approve", body, content_type=content_type)
    problem(answer, 415, "unsupported_media_type")
    assert fresh(ticket).state == "approving"


def test_A08_every_answer_carries_its_headers() -> None:
    for path in ("/api/v1/me", "/api/v1/none", "/healthz", "/"):
        answer = Api("alice").client.get(path)
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.parametrize(
    "query",
    [
        {"x__password__startswith": "a"},
        {"applicant__password__startswith": "a"},
        {"_connector": "OR"},
        {"ordering": "password"},
        {"template__in": "x"},
        {"id": "1"},
        {"__proto__": "x"},
        {"format": "x"},
    ],
)
def test_A38_unknown_query_keys_reach_no_query(ticket, query) -> None:
    answer = Api("alice").get("tickets", **query)
    assert answer.status_code == 422
    assert [(found["path"], found["code"]) for found in answer.json()["errors"]] == [(*query, "unknown_parameter")]


@pytest.mark.parametrize("name", HOSTILE)
def test_A38_hostile_filters_are_values(ticket, name) -> None:
    text = HOSTILE[name][:2000]
    for key in ("q", "template", "applicant", "state", "priority", "box", "created_from", "cursor", "limit"):
        assert Api("alice").get("tickets", **{key: text}).status_code in (200, 422)
    assert Api("alice").get("users", q=text).status_code == 200


@pytest.mark.parametrize("name", HOSTILE)
def test_A43_hostile_texts_survive_or_are_refused(name) -> None:
    """Title, comment and form value: what is taken comes back as it was."""
    text = HOSTILE[name]
    form: list[dict[str, Any]] = [
        {"key": "t", "type": "textarea", "label": "T", "max_length": 100_000},
        {"key": "l", "type": "text", "label": "L"},
    ]
    template([approval("a", {"manager": 1})], form)
    api = Api("alice")
    for body in (
        {"title": text, "form": {}},
        {"title": "x", "form": {"t": text}},
        {"title": "x", "form": {"l": text}},
    ):
        answer = api.post("tickets", {"template": "t", **body})
        assert answer.status_code in (201, 422), answer.content
        if answer.status_code == 201:
            shown = api.get(f"tickets/{answer.json()['number']}").json()
            if body["title"] == text and text.strip():
                assert shown["title"] == text.strip()
            assert shown["form"] == body["form"]
    number = submit("leave", LEAVE).number
    answer = api.post(f"tickets/{number}/comments", {"text": text})
    assert answer.status_code in (201, 422)
    if answer.status_code == 201:
        event = Event.objects.filter(ticket__number=number).latest("seq")
        assert event.data["text"] == text.strip()


@pytest.mark.parametrize("name", UNSTORABLE)
def test_A37_what_cannot_be_stored_is_refused_everywhere(ticket, name) -> None:
    text = UNSTORABLE[name]
    api = Api("alice")
    bodies: dict[str, list[Any]] = {
        "tickets": [
            {"template": "leave", "form": LEAVE, "title": text},
            {"template": text, "form": LEAVE},
            {"template": "leave", "form": {**LEAVE, "handover": text}},
            {"template": "leave", "form": {**LEAVE, text: 1}},
            {"template": "leave", "form": {**LEAVE, "kind": text}},
            {"template": "leave", "form": {**LEAVE, "days": [[text]]}},
        ],
        f"tickets/{ticket.number}/comments": [{"text": text}],
        f"tickets/{ticket.number}/withdraw": [{"comment": text}],
        f"tickets/{ticket.number}/watch": [{"users": [text]}],
        "templates/leave/simulate": [
            {"form": {"kind": text}},
            {"form": {}, "title": text},
            {"form": {}, "applicant": text},
        ],
        "proxies": [{"agent": text, "starts_at": "2026-11-21T00:00:00Z", "ends_at": "2099-01-01T00:00:00Z"}],
        "me/tokens": [{"name": text}],
    }
    for path, several in bodies.items():
        for body in several:
            answer = api.post(path, body)
            problem(answer, 422, "invalid")
    assert Api("alice").post("tickets", {text: 1}).status_code in (400, 422)


def test_the_limit_of_what_one_refusal_names() -> None:
    answer = Api("alice").post("tickets", {"template": "leave", "form": {f"k{i}": i for i in range(10_000)}})
    assert len(problem(answer, 422, "invalid")["errors"]) <= 100


@pytest.mark.parametrize("verb", ["remind", "copy"])
@pytest.mark.parametrize(("body", "status"), [({"x": 1}, 400), ([1], 422), (5, 422)])
def test_A02_calls_that_take_nothing_take_nothing(verb, body, status) -> None:
    ticket = submit("leave", LEAVE)
    assert Api("alice").post(f"tickets/{ticket.number}/{verb}", body).status_code == status
    assert Api("alice").post(f"tickets/{ticket.number}/{verb}").status_code in (200, 201)


@pytest.mark.parametrize(
    "verb", ["submit", "resubmit", "withdraw", "remind", "rate", "comments", "watch", "reassign", "copy"]
)
def test_I23_a_ticket_that_is_not_there_is_not_there_whatever_is_sent(verb) -> None:
    hidden = submit("leave", LEAVE).number
    for number in (hidden, "LEV-20261121-99999"):
        assert Api("heidi").post(f"tickets/{number}/{verb}", {"nonsense": 1}).status_code == 404
