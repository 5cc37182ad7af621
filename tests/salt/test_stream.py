"""The event stream only wakes: if it breaks, stalls or never starts, no result is lost (F06, F28)."""

import io
from http.client import HTTPResponse
from typing import cast

import pytest

from automation.executors.salt import rounds
from automation.executors.salt.api_connection import SaltApiError
from automation.executors.salt.client import Salt
from automation.executors.salt.stream import Stream
from automation.states import Outcome
from sandbox.salt.fleet import API
from tests.house import wait_for
from tests.salt.relay import Relay
from tests.salt.sleeping import once, sleep, times
from tests.salt.world import follow

services = pytest.mark.services


@pytest.fixture
def relay(fleet, settings):
    """Between Baton and salt-api."""
    between = Relay("127.0.0.1", fleet.plan.port)
    settings.SALT_API_URL = f"https://127.0.0.1:{between.port}"
    yield between
    between.close()


@services
def test_a_stream_that_is_cut_in_the_middle_of_a_run_is_opened_again_and_nothing_is_lost(relay, tmp_path, monkeypatch):
    opened = []
    real = Salt.events
    monkeypatch.setattr(Salt, "events", lambda self: (opened.append(1), real(self))[1])
    asked = sleep(tmp_path, 3, "salt-01", key="cut")
    run = follow(asked, once(tmp_path, lambda _execution: relay.cut()))
    assert run.verdict(asked).outcome == Outcome.OK, run.text
    assert (len(opened), times(tmp_path)) == (2, 1)


@services
def test_a_stream_that_goes_dead_without_a_word_is_made_up_for_by_the_record(relay, tmp_path, monkeypatch):
    monkeypatch.setattr(rounds, "LOOK_UP_S", 2.0)
    asked = sleep(tmp_path, 2, "salt-01", key="dead")
    run = follow(asked, once(tmp_path, lambda _execution: relay.deaden()))
    assert run.verdict(asked).outcome == Outcome.OK, run.text
    assert times(tmp_path) == 1


@services
def test_a_salt_api_that_gives_no_events_at_all_is_asked_for_the_record(fleet, tmp_path, monkeypatch):
    def none(_self):
        raise SaltApiError("salt-api gives no events (503)", 503)

    monkeypatch.setattr(Salt, "events", none)
    monkeypatch.setattr(rounds, "SOON_S", 1.0)
    asked = sleep(tmp_path, 0, "salt-01", key="none")
    run = follow(asked)
    assert run.verdict(asked).outcome == Outcome.OK, run.text


@services
def test_a_salt_api_killed_in_the_middle_of_a_run_is_found_again_and_nothing_is_lost(fleet, tmp_path, monkeypatch):
    """Its tokens are gone with it: the log-in is done anew."""
    monkeypatch.setattr(rounds, "AGAIN_S", 0.5)

    def restart(_execution):
        fleet.kill(API)
        fleet.launch(API)

    asked = sleep(tmp_path, 3, "salt-01", key="api")
    run = follow(asked, once(tmp_path, restart))
    assert run.verdict(asked).outcome == Outcome.OK, run.text
    assert times(tmp_path) == 1


@services
def test_A34_the_token_stands_in_no_address(fleet, tmp_path):
    salt = Salt(_account(fleet))
    salt.log_in()
    salt.events().close()
    access = fleet.plan.home / "master" / "access"
    wait_for(lambda: access.exists() and "GET /events " in access.read_text(), "the access log")
    assert salt._token not in access.read_text()


def _account(fleet):
    from tests.salt.conftest import account_of

    return account_of(fleet)


def heard(*events: tuple[str, str]) -> list[tuple[str, dict]]:
    """What a stream of these (tag, data) lines says of job 1."""
    stream = Stream.__new__(Stream)
    lines = "".join(f"tag: {tag}\ndata: {data}\n\n" for tag, data in events)
    stream._answer = cast(HTTPResponse, io.BytesIO(lines.encode()))
    return list(stream.read({"1"}))


def test_an_answer_counts_once_whatever_other_tags_a_version_gives_it():
    """Salt 3006 sends one more event for each job, its tag the bare job id."""
    data = '{"data": {"id": "a", "jid": "1", "return": true}}'
    events = [("1", data), ("salt/job/1/ret/a", data), ("salt/job/2/ret/a", data), ("20261130", "{}")]
    assert heard(*events) == [("salt/job/1/ret/a", {"id": "a", "jid": "1", "return": True})]


@pytest.mark.parametrize("data", ["{", "[1]", '{"data": 1}', '"x"', ""])
def test_A35_an_event_that_is_none_ends_nothing_but_the_stream(data):
    assert heard(("salt/job/1/ret/a", data)) == []
