"""A 401 means an expired token or a missing right: the first is renewed, the second reported (A34)."""

import time

import pytest

from automation.executors.base import Refused
from automation.executors.salt import SaltExecutor, client
from automation.executors.salt.api_connection import SaltApiError, exchange
from automation.executors.salt.client import Request, Salt
from automation.executors.salt.jid import jid_of
from automation.states import Outcome
from tests.salt.conftest import NARROW, account_of
from tests.salt.sleeping import sleep, times
from tests.salt.world import MINIONS, action, follow, order

pytestmark = pytest.mark.services


@pytest.fixture
def log_ins(monkeypatch) -> list[str]:
    """Every log-in; the token of the first is good for so many seconds only, as the master has it."""
    done: list[str] = []
    real = exchange

    def noted(account, path, token, body, timeout_s):
        if path == "/login":
            done.append(path)
            body = {**body, "token_expire": 2} if len(done) == 1 else body
        return real(account, path, token, body, timeout_s)

    monkeypatch.setattr(client, "exchange", noted)
    return done


def test_a_token_that_runs_out_in_the_middle_of_a_run_is_renewed_and_the_run_goes_on(fleet, tmp_path, log_ins):
    asked = sleep(tmp_path, 4, "salt-01", key="token")
    run = follow(asked)
    assert run.verdict(asked).outcome == Outcome.OK, run.text
    assert times(tmp_path) == 1
    assert len(log_ins) == 2  # both threads need the new token, one of them gets it


def test_a_log_in_that_ran_out_and_is_not_renewed_says_so_and_nothing_was_sent(fleet, log_ins):
    account = account_of(fleet)
    salt = Salt(account)
    salt.log_in()
    object.__setattr__(account, "password", "another one by now")
    time.sleep(2.1)
    with pytest.raises(SaltApiError, match=r"ran out and could not be renewed: .*does not let baton in") as refused:
        salt.publish(Request("test.ping", MINIONS, jid_of("", "run", MINIONS)))
    assert not refused.value.sent


def test_A34_what_is_not_allowed_is_said_as_such_and_asked_no_third_time(fleet, log_ins, monkeypatch):
    account = account_of(fleet)
    object.__setattr__(account, "username", NARROW)
    salt = Salt(account)
    salt.log_in()
    assert salt.publish(Request("test.ping", ["salt-01"], jid_of("", "run", ["salt-01"]))) == ["salt-01"]
    with pytest.raises(SaltApiError, match=r"does not allow narrow to run grains.items on salt-01 \(401\)") as refused:
        salt.publish(Request("grains.items", ["salt-01"], jid_of("", "run", ["salt-01"])))
    assert not refused.value.sent
    with pytest.raises(SaltApiError, match=r"does not allow narrow to run manage\.status"):
        salt.runner("manage.status", {}, 10)
    assert len(log_ins) <= 3


def test_A34_one_minion_outside_the_rules_refuses_the_whole_list_and_every_host_says_why(fleet, tmp_path, settings):
    settings.SALT_API_USERNAME = NARROW
    asked = order(action(tmp_path, {"function": "test.ping"}))
    run = follow(asked)
    assert {result.status for result in run.hosts.values()} == {"skipped"}
    assert all("one minion outside its rules refuses the whole request" in one.message for one in run.hosts.values())
    assert run.verdict(asked).outcome == Outcome.FAILED


def test_A34_a_log_in_of_another_password_is_said_as_such(fleet, tmp_path, settings):
    settings.SALT_API_PASSWORD = "wrong-password"
    with pytest.raises(Refused, match="does not let baton in by sharedsecret"):
        SaltExecutor().start(order(action(tmp_path, {"function": "test.ping"})))


def test_a_log_in_that_carries_an_old_token_would_get_that_again_so_ours_carries_none(fleet):
    """What salt-api does with one, so that we notice when it changes; and that we send none."""
    account = account_of(fleet)
    salt = Salt(account)
    salt.log_in()
    body = {"username": account.username, "password": account.password, "eauth": account.eauth}
    assert exchange(account, "/login", salt._token, body, 15)[0]["token"] == salt._token
    before = salt._token
    salt.log_in()
    assert salt._token != before
