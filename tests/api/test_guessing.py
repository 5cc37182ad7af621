"""Password guessing is slowed down and locks no owner out (A46)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client

from accounts.access import guessing
from accounts.models import LoginFailure
from accounts.tasks import purge
from tests.factories import person, user

pytestmark = pytest.mark.usefixtures("world")
PASSWORD = "baton-demo"
LOGIN = "/api/v1/auth/login"


@pytest.fixture(autouse=True)
def quick(settings) -> None:
    """What is tested here is the counting, not the hashing of passwords, which is slow on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    for name in ("alice", "bob", "carol", "dave", "heidi"):
        someone = user(name)
        someone.set_password(PASSWORD)
        someone.save()


def log_in(name: str, password: str = PASSWORD, address: str = "10.0.0.1", client: Any = None, **headers: str) -> Any:
    return (client or Client()).post(
        LOGIN,
        {"username": name, "password": password},
        content_type="application/json",
        headers={"accept-language": "en", **headers},
        REMOTE_ADDR=address,
    )


def later(**time: float) -> None:
    """So much time goes by."""
    LoginFailure.objects.update(last_at=F("last_at") - timedelta(**time))


def locked(answer) -> int:
    """The answer is a refusal that says how long to wait; for how many seconds."""
    assert (answer.status_code, answer.json()["code"]) == (429, "locked_out"), answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert int(answer["Retry-After"]) == answer.json()["retry_after"] > 0
    return int(answer["Retry-After"])


def test_A46_thirty_addresses_guess_one_account_and_the_right_one_comes_too_late() -> None:
    codes = [log_in("alice", "wrong", f"10.0.{i}.1").json()["code"] for i in range(30)]
    assert codes == ["bad_credentials"] * 5 + ["locked_out"] * 25
    assert locked(log_in("alice", address="10.9.9.9")) <= 30
    later(seconds=31)
    assert log_in("alice", address="10.9.9.9").status_code == 200


def test_A46_the_delay_grows_and_is_bounded() -> None:
    waits = []
    for _round in range(9):
        while (answer := log_in("alice", "wrong")).status_code == 401:
            pass
        waits.append(locked(answer))
        later(seconds=waits[-1])
    for found, expected in zip(waits, [30, 60, 120, 240, 480, 900, 900, 900, 900], strict=True):
        assert expected - 5 <= found <= expected  # less what has gone by since the wrong password
    assert log_in("alice").status_code == 200
    assert not LoginFailure.objects.exists()


def test_A46_trying_while_one_has_to_wait_makes_it_no_longer() -> None:
    for _try in range(5):
        log_in("alice", "wrong")
    first = locked(log_in("alice", "wrong"))
    later(seconds=10)
    for _try in range(20):
        assert locked(log_in("alice", "wrong")) <= first - 10
    later(seconds=20)
    assert log_in("alice").status_code == 200


def test_A46_a_device_one_logged_in_from_is_not_locked_out_by_others() -> None:
    mine = Client()
    assert log_in("alice", client=mine).status_code == 200
    for i in range(40):
        log_in("alice", "wrong", f"10.0.{i}.1")
    locked(log_in("alice"))
    assert log_in("alice", client=mine).status_code == 200
    locked(log_in("alice"))  # what others did is not forgotten with it


def test_A46_a_known_device_guesses_no_faster() -> None:
    mine = Client()
    log_in("alice", client=mine)
    codes = [log_in("alice", "wrong", f"10.0.{i}.1", mine).json()["code"] for i in range(8)]
    assert codes == ["bad_credentials"] * 5 + ["locked_out"] * 3
    assert log_in("alice").status_code == 200  # another device of hers
    assert log_in("bob", client=mine).status_code == 200


@pytest.mark.parametrize("forged", ["", "x", "e30:1:1", "eyJhIjoxfQ:1a2b3c:AAAA"])
def test_A46_a_forged_or_borrowed_device_is_unknown(forged) -> None:
    theirs = Client()
    log_in("heidi", client=theirs)
    for _try in range(6):
        log_in("alice", "wrong")
    locked(log_in("alice", client=theirs))
    theirs.cookies["baton_device"] = forged
    locked(log_in("alice", client=theirs))


def test_A46_the_device_cookie_is_signed_long_lived_and_tells_nobody_who_it_was() -> None:
    cookie = log_in("alice").cookies["baton_device"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 180 * 24 * 3600
    assert "alice" not in cookie.value


def test_A46_a_shared_device_is_known_for_each_who_used_it() -> None:
    shared = Client()
    for name in ("alice", "bob"):
        assert log_in(name, client=shared).status_code == 200
    for name in ("alice", "bob"):
        for _try in range(6):
            log_in(name, "wrong")
        locked(log_in(name))
        assert log_in(name, client=shared).status_code == 200


def test_A46_forty_names_from_one_address_are_slowed_and_a_colleague_there_is_let_in() -> None:
    mine = Client()
    log_in("dave", client=mine)
    codes = [log_in(f"name{i}", "wrong").json()["code"] for i in range(40)]
    assert codes.count("bad_credentials") == guessing.NAMES_OF_ADDRESS
    assert log_in("dave", client=mine).status_code == 200  # a known device
    assert log_in("carol", address="10.0.0.2").status_code == 200  # another address
    assert 55 <= locked(log_in("bob")) <= 60  # a new device there: once, and not for long
    for i in range(30):
        log_in(f"more{i}", "wrong")
    later(seconds=60)
    for i in range(30):
        log_in(f"evenmore{i}", "wrong")
    assert log_in("bob").status_code == 200


def test_A46_hammering_one_name_leaves_the_others_at_that_address_alone() -> None:
    for _try in range(60):
        log_in("alice", "wrong")
    for name in ("bob", "carol", "dave"):
        assert log_in(name).status_code == 200


def test_A46_a_rain_of_wrong_passwords_from_everywhere_puts_unknown_devices_off(monkeypatch) -> None:
    monkeypatch.setattr(guessing, "RAIN", 10)
    mine = Client()
    log_in("dave", client=mine)
    for i in range(10):
        log_in(f"name{i}", "wrong", f"10.1.{i}.1")
    locked(log_in("bob", address="10.2.0.1"))
    assert log_in("dave", client=mine).status_code == 200
    later(seconds=61)
    assert log_in("bob", address="10.2.0.1").status_code == 200


def test_A46_nobody_learns_whether_there_is_such_a_person() -> None:
    person("quiet")
    for name in ("alice", "nobody-of-this-name", "quiet"):
        answers = [log_in(name, "wrong") for _try in range(7)]
        assert [a.status_code for a in answers] == [401] * 5 + [429] * 2
        texts = {a.json()["detail"] for a in answers[:5]}
        assert texts == {"Username or password is wrong."}


def test_A46_what_the_caller_says_of_his_address_is_not_believed(settings) -> None:
    settings.PROXY_COUNT = 1
    for i in range(25):
        forwarded: dict[str, Any] = {
            "x-forwarded-for": f"10.5.5.{i}, 203.0.113.9"
        }  # the proxy adds what it saw, on the right
        log_in(f"name{i}", "wrong", "127.0.0.1", **forwarded)
    assert LoginFailure.objects.filter(place="203.0.113.9").count() >= guessing.NAMES_OF_ADDRESS
    assert not LoginFailure.objects.filter(place__startswith="10.5.5.").exists()
    locked(log_in("bob", address="127.0.0.1", **{"x-forwarded-for": "203.0.113.9"}))
    assert log_in("bob", address="127.0.0.1", **{"x-forwarded-for": "203.0.113.10"}).status_code == 200


def test_A46_old_failures_are_forgotten() -> None:
    for _try in range(5):
        log_in("alice", "wrong")
    later(days=1)
    assert [log_in("alice", "wrong").status_code for _try in range(6)] == [401] * 5 + [429]
    later(days=1, seconds=1)
    purge()
    assert not LoginFailure.objects.exists()


def test_the_refusal_says_what_to_do_in_both_languages() -> None:
    for _try in range(5):
        log_in("alice", "wrong")
    assert re.search(r"Try again in \d+ seconds", log_in("alice").json()["detail"])
    assert re.search(r"\d+ 秒", log_in("alice", **{"accept-language": "zh-hans"}).json()["detail"])
    assert user("alice").is_active
