"""Granting and ending proxies (I11, A13)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Proxy, User
from tests.api.calls import Api, codes
from tests.factories import person, proxy, user

pytestmark = pytest.mark.usefixtures("world")
SOON, LATER = "2090-01-01T00:00:00+08:00", "2090-01-02T00:00:00+08:00"


def grant(who: str = "bob", **given):
    return Api(who).post("proxies", {"agent": "carol", "starts_at": SOON, "ends_at": LATER, **given})


def test_for_myself() -> None:
    answer = grant(reason="holiday", templates=["leave"])
    assert answer.status_code == 201
    made = answer.json()
    assert (made["principal"], made["agent"], made["templates"], made["reason"]) == (
        "bob",
        "carol",
        ["leave"],
        "holiday",
    )
    assert made["revoked_at"] is None


@pytest.mark.parametrize("who", ["carol", "alice", "erin"])
def test_A13_not_in_anothers_name(who) -> None:
    answer = grant(who, principal="bob", agent="heidi")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert not Proxy.objects.exists()


def test_an_administrator_for_anyone_and_it_says_who() -> None:
    assert grant("admin", principal="bob").status_code == 201
    assert Proxy.objects.get().created_by == user("admin")


@pytest.mark.parametrize(
    ("given", "path", "code"),
    [
        ({"agent": "bob"}, "agent", "same_person"),
        ({"agent": "nobody"}, "agent", "unknown_user"),
        ({"agent": "Carol"}, "agent", "unknown_user"),
        ({"agent": "gone"}, "agent", "unknown_user"),
        ({"ends_at": SOON}, "ends_at", "bad_window"),
        ({"starts_at": LATER, "ends_at": SOON}, "ends_at", "bad_window"),
        ({"starts_at": "2020-01-01T00:00:00Z", "ends_at": "2020-01-02T00:00:00Z"}, "ends_at", "bad_window"),
        ({"starts_at": "soon"}, "starts_at", "invalid"),
        ({"ends_at": "9999-12-31T23:59:59-12:00"}, "ends_at", "overflow"),
        ({"templates": []}, "templates", "empty"),
        ({"templates": "leave"}, "templates", "not_a_list"),
        ({"reason": "x" * 501}, "reason", "max_length"),
    ],
)
def test_A13_windows_and_people_that_make_no_sense(given, path, code) -> None:
    person("gone", is_active=False)
    answer = grant(**given)
    assert answer.status_code == 422
    assert codes(answer) == {(path, code)}
    assert not Proxy.objects.exists()


@pytest.mark.parametrize("key", ["created_by", "revoked_at", "id", "created_at"])
def test_A09_what_is_not_writable(key) -> None:
    assert grant(**{key: "x"}).status_code == 400


def test_A13_it_is_never_backdated() -> None:
    before = datetime.now(UTC)
    assert grant(starts_at="2020-01-01T00:00:00Z").status_code == 201
    assert Proxy.objects.get().starts_at >= before


def test_A13_whoever_gave_it_ends_it_at_once() -> None:
    number = grant().json()["id"]
    for who, status in (("heidi", 404), ("carol", 403), ("bob", 204)):
        assert Api(who).send("DELETE", f"proxies/{number}").status_code == status
    ended = Proxy.objects.get().revoked_at
    assert ended is not None
    assert Api("admin").send("DELETE", f"proxies/{number}").status_code == 204
    assert Proxy.objects.get().revoked_at == ended


def change(number: int, who: str = "bob", **given):
    return Api(who).send("PATCH", f"proxies/{number}", given)


def test_it_can_be_changed_until_it_ends() -> None:
    number = grant(templates=["leave"], reason="holiday").json()["id"]
    answer = change(number, ends_at="2090-02-01T00:00:00+08:00", agent="heidi")
    assert answer.status_code == 200
    changed = answer.json()
    assert (changed["agent"], changed["templates"], changed["reason"]) == ("heidi", ["leave"], "holiday")
    assert datetime.fromisoformat(changed["ends_at"]) == datetime.fromisoformat("2090-02-01T00:00:00+08:00")
    assert change(number, "admin", templates=None).json()["templates"] is None
    Api("bob").send("DELETE", f"proxies/{number}")
    answer = change(number, reason="again")
    assert (answer.status_code, answer.json()["code"]) == (409, "proxy_ended")


def test_A13_only_the_principal_or_an_administrator_changes_it() -> None:
    number = grant("admin", principal="bob").json()["id"]
    User.objects.filter(username="admin").update(is_admin=False)
    for who, status in (("heidi", 404), ("carol", 403), ("admin", 404), ("bob", 200)):
        assert change(number, who, agent="dave").status_code == status, who


@pytest.mark.parametrize(
    ("given", "path", "code"),
    [
        ({"agent": "bob"}, "agent", "same_person"),
        ({"agent": "nobody"}, "agent", "unknown_user"),
        ({"ends_at": SOON}, "ends_at", "bad_window"),
        ({"starts_at": LATER}, "ends_at", "bad_window"),
        ({"templates": []}, "templates", "empty"),
    ],
)
def test_A13_a_change_that_makes_no_sense_changes_nothing(given, path, code) -> None:
    number = grant().json()["id"]
    before = Proxy.objects.values().get()
    answer = change(number, **given)
    assert (answer.status_code, codes(answer)) == (422, {(path, code)})
    assert change(number, principal="alice").status_code == 400
    assert Proxy.objects.values().get() == before


def test_A13_the_beginning_of_one_that_has_begun_stays() -> None:
    number = grant(starts_at="2020-01-01T00:00:00Z").json()["id"]
    assert codes(change(number, starts_at=SOON)) == {("starts_at", "begun")}
    assert change(number, starts_at=Proxy.objects.get().starts_at.isoformat(), reason="same").status_code == 200


def test_who_sees_which() -> None:
    grant()
    assert {who: len(Api(who).get("proxies").json()["results"]) for who in ("bob", "carol", "heidi", "admin")} == {
        "bob": 1, "carol": 1, "heidi": 0, "admin": 1,
    }  # fmt: skip


@pytest.mark.parametrize("wrong", ["self", "window"])
def test_the_database_refuses_it_too(wrong) -> None:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proxy.objects.create(
            principal=user("bob"), agent=user("bob" if wrong == "self" else "carol"), created_by=user("bob"),
            starts_at=at, ends_at=at if wrong == "window" else at + timedelta(days=1),
        )  # fmt: skip


def test_the_profile_says_who_acts_for_whom() -> None:
    now = datetime.now(UTC)
    proxy("bob", "carol", now - timedelta(hours=1), now + timedelta(hours=1))
    proxy("erin", "carol", now + timedelta(hours=1), now + timedelta(hours=2))
    proxy("dave", "carol", now - timedelta(hours=2), now - timedelta(hours=1))
    assert Api("carol").get("me").json()["acting_for"] == ["bob"]
    assert len(Api("carol").get("me").json()["proxies"]) == 2
    User.objects.filter(username="bob").update(is_active=False)
    assert Api("carol").get("me").json()["acting_for"] == []
