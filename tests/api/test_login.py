"""Log in, stay logged in, be logged out (A08, A46)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.access.sessions import stored
from accounts.commands import create_token
from accounts.models import ApiToken, Session, User
from accounts.models.token import digest
from tests.api.calls import Api
from tests.factories import LEAVE, pending, submit, user

pytestmark = pytest.mark.usefixtures("world")
PASSWORD = "baton-demo"
LOGIN = "/api/v1/auth/login"


def log_in(client: Client, name: str = "alice", password: str = PASSWORD, **headers: str):
    return client.post(
        LOGIN, {"username": name, "password": password}, content_type="application/json", headers=headers
    )


def test_the_profile_and_two_cookies_come_back() -> None:
    client = Client()
    answer = log_in(client)
    assert answer.status_code == 200
    body = answer.json()
    assert {"username", "name", "department", "roles", "permissions", "acting_for", "proxies", "counts"} <= set(body)
    assert body["username"] == "alice"
    assert set(body["counts"]) == {"todo", "mine", "cc"}
    session = answer.cookies["sessionid"]
    assert session["httponly"]
    assert session["samesite"] == "Lax"
    assert answer.cookies["csrftoken"].value
    assert client.get("/api/v1/me").json() == body


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("alice", "wrong"),
        ("nobody", PASSWORD),
        ("Alice", PASSWORD),
        ("alice ", "x"),
        ("alice", PASSWORD + " "),
        ("alice", " " + PASSWORD),
    ],
)
def test_A46_one_answer_for_every_wrong_guess(name, password) -> None:
    answer = log_in(Client(), name, password)
    assert answer.status_code == 401
    assert answer.json()["code"] == "bad_credentials"
    assert "sessionid" not in answer.cookies


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": "alice"},
        {"username": "", "password": ""},
        {"username": ["alice"], "password": {}},
        {"username": "a" * 65, "password": "x"},
        {"username": "alice", "password": "x" * 257},
        {"username": "a\x00", "password": "x"},
    ],
)
def test_half_a_log_in_is_invalid(body) -> None:
    assert Client().post(LOGIN, body, content_type="application/json").status_code == 422


def test_A46_a_disabled_user_and_one_without_a_password() -> None:
    User.objects.filter(username="alice").update(is_active=False)
    quiet = user("bob")
    quiet.set_unusable_password()
    quiet.save()
    for name in ("alice", "bob"):
        assert log_in(Client(), name).json()["code"] == "bad_credentials"


def test_A46_five_wrong_passwords_lock_the_name_and_no_other() -> None:
    client = Client()
    answers = [log_in(client, "alice", "wrong").json()["code"] for _try in range(6)]
    assert answers == ["bad_credentials"] * 5 + ["locked_out"]
    locked = log_in(client)
    assert (locked.status_code, locked.json()["code"]) == (429, "locked_out")
    assert log_in(client, "bob").status_code == 200
    assert log_in(Client(REMOTE_ADDR="10.1.2.3")).status_code == 429


def test_A46_a_forwarded_address_does_not_unlock() -> None:
    client = Client()
    for attempt in range(6):
        log_in(client, "alice", "wrong", **{"X-Forwarded-For": f"10.0.0.{attempt}"})
    assert log_in(client, **{"X-Forwarded-For": "10.9.9.9"}).status_code == 429


def test_A46_success_forgets_the_failures() -> None:
    client = Client()
    for _round in range(3):
        for _try in range(3):
            log_in(client, "alice", "wrong")
        assert log_in(client).status_code == 200


def test_A46_a_session_given_beforehand_is_not_kept() -> None:
    client = Client()
    log_in(client, "heidi")
    planted = client.cookies["sessionid"].value
    log_in(client, "alice")
    assert client.cookies["sessionid"].value != planted
    assert not Session.objects.filter(session_key=stored(planted)).exists()
    stranger = Client()
    stranger.cookies["sessionid"] = planted
    assert stranger.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("planted", ["x" * 32, "' OR 1=1 --", "../../etc", ""])
def test_A46_an_invented_session_is_nobody(planted) -> None:
    client = Client()
    client.cookies["sessionid"] = planted
    assert client.get("/api/v1/me").status_code == 401
    assert log_in(client).status_code == 200
    assert client.cookies["sessionid"].value != planted


def test_A46_logging_in_again_renews_the_session() -> None:
    client = Client()
    log_in(client)
    first = client.cookies["sessionid"].value
    log_in(client)
    assert client.cookies["sessionid"].value != first


def test_A46_logging_out_ends_the_session_everywhere_it_was_copied() -> None:
    client, copy = Client(), Client()
    log_in(client)
    copy.cookies["sessionid"] = client.cookies["sessionid"].value
    assert copy.get("/api/v1/me").status_code == 200
    assert client.post("/api/v1/auth/logout", content_type="application/json").status_code == 204
    assert copy.get("/api/v1/me").status_code == 401
    assert client.get("/api/v1/me").status_code == 401


def test_A46_a_changed_password_ends_every_session() -> None:
    client = Client()
    log_in(client)
    alice = user("alice")
    alice.set_password("another")
    alice.save()
    assert client.get("/api/v1/me").status_code == 401


def test_F40_disabling_somebody_ends_sessions_and_tokens_at_once() -> None:
    client = Client()
    log_in(client)
    _token, secret = create_token(user=user("alice"), name="ci", expires_at=None)
    script = Client(headers={"authorization": f"Bearer {secret}"})
    assert script.get("/api/v1/me").status_code == 200
    User.objects.filter(username="alice").update(is_active=False)
    assert client.get("/api/v1/me").status_code == 401
    assert script.get("/api/v1/me").status_code == 401


def test_an_expired_session_is_nobody() -> None:
    client = Client()
    log_in(client)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 200),
        ("http://testserver", 200),
        ("http://127.0.0.1:8000", 200),
        ("null", 403),
        ("", 403),
        ("https://evil.example", 403),
        ("http://testserver.evil.example", 403),
        ("http://evil.example/testserver", 403),
        ("http://testserver@evil.example", 403),
        ("testserver", 403),
        ("//", 403),
        ("http://testserver:81", 403),
    ],
)
def test_A08_a_log_in_comes_from_our_own_page(origin, status) -> None:
    headers = {} if origin is None else {"Origin": origin}
    assert log_in(Client(), **headers).status_code == status


def test_A08_a_log_in_is_json() -> None:
    answer = Client().post(LOGIN, "username=alice&password=baton-demo", content_type="text/plain")
    assert answer.status_code == 415
    assert Client().post(LOGIN, {"username": "alice", "password": PASSWORD}).status_code == 415


class TestCsrf:
    """A browser's unsafe request needs the token that only our own page can read."""

    @staticmethod
    def browser() -> Client:
        client = Client(enforce_csrf_checks=True)
        assert log_in(client).status_code == 200
        return client

    def ask(self, client: Client, **headers: str):
        body = {"template": "leave", "form": LEAVE}
        return client.post("/api/v1/tickets", body, content_type="application/json", headers=headers)

    def test_without_it(self) -> None:
        client = self.browser()
        assert self.ask(client).status_code == 403
        assert self.ask(client, **{"X-CSRFToken": "x" * 64}).status_code == 403
        assert self.ask(client, **{"X-CSRFToken": ""}).status_code == 403

    def test_with_it(self) -> None:
        client = self.browser()
        token = client.cookies["csrftoken"].value
        assert self.ask(client, **{"X-CSRFToken": token}).status_code == 201

    def test_with_it_from_elsewhere(self) -> None:
        client = self.browser()
        token = client.cookies["csrftoken"].value
        for origin in ("https://evil.example", "null"):
            assert self.ask(client, **{"X-CSRFToken": token, "Origin": origin}).status_code == 403

    def test_deciding_too(self) -> None:
        task = pending(submit("leave", LEAVE))
        client = Client(enforce_csrf_checks=True)
        log_in(client, "bob")
        assert client.post(f"/api/v1/tasks/{task.pk}/approve", {}, content_type="application/json").status_code == 403
        task.refresh_from_db()
        assert task.state == "pending"

    def test_a_script_needs_none(self) -> None:
        _token, secret = create_token(user=user("alice"), name="ci", expires_at=None)
        client = Client(enforce_csrf_checks=True, headers={"authorization": f"Bearer {secret}"})
        assert self.ask(client).status_code == 201


class TestTokens:
    def test_the_secret_is_shown_once_and_stored_nowhere(self) -> None:
        made = Api("alice").post("me/tokens", {"name": "ci"})
        secret = made.json()["token"]
        assert made.status_code == 201
        assert secret not in str(list(ApiToken.objects.values()))
        assert ApiToken.objects.get().digest == digest(secret)
        (listed,) = Api("alice").get("me/tokens").json()["results"]
        assert set(listed) == {"id", "name", "created_at", "expires_at"}

    def test_two_are_never_alike_even_with_an_idempotency_key(self) -> None:
        api = Api("alice")
        secrets = {api.post("me/tokens", {"name": "ci"}, Idempotency_Key="k").json()["token"] for _try in range(3)}
        assert len(secrets) == 3

    @pytest.mark.parametrize("scheme", ["Bearer {}", "bearer {}", "BEARER  {} "])
    def test_it_opens(self, scheme) -> None:
        _token, secret = create_token(user=user("alice"), name="ci", expires_at=None)
        client = Client(headers={"authorization": scheme.format(secret)})
        assert client.get("/api/v1/me").json()["username"] == "alice"

    @pytest.mark.parametrize(
        "header", ["Bearer", "Bearer ", "Bearer x", "Bearer x y", "Bearer \xff", "Bearer {}x", "Bearer baton_"]
    )
    def test_A46_what_is_not_one_is_401_never_anonymous(self, header) -> None:
        _token, secret = create_token(user=user("alice"), name="ci", expires_at=None)
        client = Client(headers={"authorization": header.format(secret)})
        client.force_login(user("bob"), backend="accounts.backends.PasswordBackend")
        assert client.get("/api/v1/me").status_code == 401

    @pytest.mark.parametrize("scheme", ["Basic {}", "Token {}", "{}"])
    def test_other_schemes_open_nothing(self, scheme) -> None:
        _token, secret = create_token(user=user("alice"), name="ci", expires_at=None)
        assert Client(headers={"authorization": scheme.format(secret)}).get("/api/v1/me").status_code == 401

    def test_it_ends_at_its_time(self) -> None:
        now = timezone.now()
        for ends, status in ((now - timedelta(seconds=1), 401), (now + timedelta(hours=1), 200)):
            _token, secret = create_token(user=user("alice"), name="ci", expires_at=ends)
            assert Client(headers={"authorization": f"Bearer {secret}"}).get("/api/v1/me").status_code == status

    def test_it_ends_when_deleted(self) -> None:
        token, secret = create_token(user=user("alice"), name="ci", expires_at=None)
        client = Client(headers={"authorization": f"Bearer {secret}"})
        assert client.get("/api/v1/me").status_code == 200
        assert Api("alice").send("DELETE", f"me/tokens/{token.pk}").status_code == 204
        assert client.get("/api/v1/me").status_code == 401

    def test_a_decision_with_it_came_over_the_api(self) -> None:
        task = pending(submit("leave", LEAVE))
        _token, secret = create_token(user=user("bob"), name="ci", expires_at=None)
        client = Client(headers={"authorization": f"Bearer {secret}"})
        done = client.post(f"/api/v1/tasks/{task.pk}/approve", {}, content_type="application/json")
        assert done.status_code == 200
        task.refresh_from_db()
        assert task.channel == "api"
