"""Salt's master is down while minions work, and log-ins of actions are tried before a job (F27, F28)."""

import json
import signal
import time
from typing import Any

import pytest

from automation.credentials import Unusable
from automation.executors import WHY_UNREACHABLE
from automation.executors.host_words import NO_WORD
from automation.executors.salt import SaltExecutor, client
from automation.jobs import unreachable
from automation.jobs.unreachable import why_unreachable
from automation.states import Outcome
from sandbox.salt.fleet import API, MASTER
from tests.house import wait_for
from tests.salt.conftest import present
from tests.salt.sleeping import is_running, once, sleep, times
from tests.salt.world import MINIONS, action, follow

AT_ONCE = {"return_retry_timer": 1, "return_retry_timer_max": 1, "return_retry_tries": 1}


@pytest.fixture
def impatient_minion(fleet):
    """salt-02 gives up bringing a result home after a second, as others do after half a minute."""
    path = fleet.plan.home / "salt-02" / "minion"
    before = path.read_text()

    def start(text: str) -> None:
        fleet.kill("salt-02")
        path.write_text(text)
        fleet.launch("salt-02")

    start(json.dumps(json.loads(before) | AT_ONCE))
    wait_for(lambda: present(fleet) == set(MINIONS), "both minions", 60)
    yield
    start(before)


@pytest.mark.services
def test_F28_a_result_that_came_while_the_master_stood_still_is_there_when_it_goes_on(fleet, tmp_path, monkeypatch):
    monkeypatch.setattr(client, "ANSWER_S", 2.0)
    began = []

    def stand_still(_execution):
        fleet.signal(MASTER, signal.SIGSTOP)
        began.append(time.monotonic())

    stop = once(tmp_path, stand_still)

    def go_on(run, execution):
        stop(run, execution)
        if began and not is_running(tmp_path) and time.monotonic() > began[0] + 4:
            fleet.signal(MASTER, signal.SIGCONT)

    asked = sleep(tmp_path, 1, key="stood-still")
    run = follow(asked, go_on)
    assert run.verdict(asked).outcome == Outcome.OK, run.text
    assert times(tmp_path) == len(MINIONS)


@pytest.mark.services
def test_F28_a_result_that_a_minion_gave_up_to_deliver_is_unknown_never_failed(
    fleet, impatient_minion, tmp_path, impatient
):
    """The master is gone from the middle of the run until the minion has ended it and given up."""
    ended: list[Any] = []
    leave = once(tmp_path, lambda _execution: fleet.kill(MASTER))

    def come_back(run, execution):
        leave(run, execution)
        if MASTER not in fleet.ended():
            return
        if not ended and not is_running(tmp_path):
            ended.append(time.monotonic())
        if ended and time.monotonic() > ended[0] + 4:
            fleet.launch(MASTER)

    asked = sleep(tmp_path, 2, "salt-02", key="gave-up")
    run = follow(asked, come_back, seconds=120)
    assert times(tmp_path) == 1
    assert (run.of("salt-02").status, run.of("salt-02").message) == ("unknown", NO_WORD), run.text
    assert run.verdict(asked).outcome == Outcome.UNKNOWN


@pytest.mark.services
def test_F27_the_log_in_of_an_actions_credential_is_the_one_that_is_tried(fleet, settings):
    given = {"username": "baton", "password": settings.SALT_API_PASSWORD, "eauth": "sharedsecret"}
    settings.SALT_API_USERNAME = settings.SALT_API_PASSWORD = ""
    ask = SaltExecutor().why_unreachable
    assert (ask({}), ask({"salt_api": given})) == ("", "")
    fleet.kill(API)
    assert ask({}) == ""  # nobody to ask as: the start says what is missing
    assert "does not answer" in ask({"salt_api": given})


def test_F27_before_a_job_begins_its_actions_own_credentials_are_handed_over(tmp_path, monkeypatch):
    what = action(tmp_path, {"function": "test.ping"}, credentials=["salt_api"])
    handed = []
    monkeypatch.setitem(
        WHY_UNREACHABLE, "salt", lambda credentials: f"unreachable for {credentials['salt_api']['username']}"
    )
    monkeypatch.setattr(
        unreachable, "hand_over", lambda names: handed.append(names) or {"salt_api": {"username": "ann"}}
    )
    assert why_unreachable(what) == "unreachable for ann"
    assert [list(names) for names in handed] == [["salt_api"]]

    def nothing(_names):
        raise Unusable("The credential salt_api does not exist.")

    monkeypatch.setattr(unreachable, "hand_over", nothing)
    assert why_unreachable(what) == ""
    assert why_unreachable(None) == ""
