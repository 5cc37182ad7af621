"""Salt's processes killed, frozen and stopped at bad moments; nothing runs twice or is reported as done."""

import multiprocessing
import signal
import time
from typing import Any

import pytest

from automation.executors.base import Refused
from automation.executors.host_words import MAYBE_SENT, NO_WORD, NOT_KNOWN, NOT_SEEN_TO_END, NOT_THERE
from automation.executors.salt import SaltExecutor, api_connection
from automation.executors.salt.drive import Drive
from automation.states import Outcome
from tests.salt.sleeping import LONG_S, is_running, once, sleep, times
from tests.salt.world import PARAM, action, follow, order

pytestmark = pytest.mark.services


def test_F29_a_minion_that_is_down_is_not_sent_anything_and_the_others_are_served(fleet, tmp_path):
    fleet.kill("salt-01")
    asked = order(action(tmp_path, {"function": "test.ping"}), "salt-01", "salt-02", "salt-99")
    run = follow(asked)
    assert (run.of("salt-01").status, run.of("salt-01").message) == ("unreachable", NOT_THERE)
    assert run.of("salt-02").status == "ok"
    assert (run.of("salt-99").status, run.of("salt-99").message) == ("unreachable", NOT_KNOWN)
    assert run.verdict(asked).outcome == Outcome.PARTIAL


def test_F28_a_minion_killed_in_the_middle_of_a_run_is_unknown(fleet, tmp_path, impatient):
    asked = sleep(tmp_path, 6, key="killed")
    run = follow(asked, once(tmp_path, lambda _execution: fleet.kill("salt-01")))
    assert (run.of("salt-01").status, run.of("salt-01").message) == ("unknown", NO_WORD)
    assert run.of("salt-02").status == "changed"
    assert run.verdict(asked).outcome == Outcome.UNKNOWN


def test_a_master_killed_and_started_again_during_a_run_loses_nothing(fleet, tmp_path):
    def restart(_execution):
        fleet.kill("salt-master")
        fleet.launch("salt-master")

    asked = sleep(tmp_path, 4, "salt-01", key="master")
    run = follow(asked, once(tmp_path, restart), seconds=120)
    assert run.verdict(asked).outcome in (Outcome.OK, Outcome.UNKNOWN), run.text  # never called failed, never run again
    assert times(tmp_path) == 1


def test_F29_a_frozen_minion_answers_late_and_its_answer_is_found(fleet, tmp_path, impatient, eventually):
    asked = sleep(tmp_path, 1, "salt-01", key="late")
    freeze = once(tmp_path, lambda _execution: fleet.signal("salt-01", signal.SIGSTOP))
    run = follow(asked, freeze)
    assert (run.of("salt-01").status, run.of("salt-01").message) == ("unknown", NO_WORD)
    assert SaltExecutor().look_up(asked) == {}
    fleet.signal("salt-01", signal.SIGCONT)
    found = eventually(lambda: SaltExecutor().look_up(asked), "the late answer")
    assert found["host-salt-01"].status == "changed"
    assert times(tmp_path) == 1


def test_F27_salt_away_before_the_start_begins_nothing(fleet, tmp_path, monkeypatch):
    monkeypatch.setattr("automation.executors.salt.client.LOG_IN_S", 3.0)
    asked = order(action(tmp_path, {"function": "test.ping"}))
    fleet.kill("salt-api")
    with pytest.raises(Refused, match="does not answer"):
        SaltExecutor().start(asked)
    assert "does not answer" in SaltExecutor().why_unreachable({})
    fleet.launch("salt-api")


def test_F28_a_request_without_an_answer_is_followed_by_its_job_id(fleet, tmp_path, monkeypatch, impatient):
    asked = sleep(tmp_path, 0, "salt-01", key="no-answer")
    present = Drive._present

    def then_the_master_freezes(self):
        there = present(self)
        fleet.signal("salt-master", signal.SIGSTOP)
        return there

    thawed: list[Any] = []

    def thaw(run, _execution):
        if not thawed and "gave no answer" in run.text:
            thawed.append(1)
            fleet.signal("salt-master", signal.SIGCONT)

    monkeypatch.setattr(Drive, "_present", then_the_master_freezes)
    monkeypatch.setattr("automation.executors.salt.client.ANSWER_S", 3.0)
    run = follow(asked, thaw)
    assert thawed
    result = run.of("salt-01")
    assert result.status == "changed" or result.message == MAYBE_SENT
    assert times(tmp_path) <= 1


def test_F05_F30_a_run_whose_executor_was_killed_is_found_by_its_job_id(fleet, tmp_path, eventually):
    asked = sleep(tmp_path, 3, key="dead-worker")
    worker = multiprocessing.get_context("fork").Process(target=lambda: follow(asked))
    worker.start()
    eventually(lambda: is_running(tmp_path), "the run")
    worker.kill()
    worker.join()
    found = eventually(lambda: len(got := SaltExecutor().look_up(asked)) == 2 and got, "both results")
    assert {result.status for result in found.values()} == {"changed"}
    assert times(tmp_path) == 2


def test_look_up_knows_nothing_of_other_runs_and_of_runs_without_a_key(fleet, tmp_path):
    what = action(tmp_path, {"function": "test.ping"})
    assert SaltExecutor().look_up(order(what, key="never-begun")) == {}
    assert SaltExecutor().look_up(order(what)) is None


def test_cancel_ends_the_commands_on_the_minion_those_that_ignore_it_too(fleet, tmp_path, eventually):
    states = (
        "Stubborn:\n  cmd.run:\n    - name: trap '' TERM INT HUP; sleep $SECONDS_ & wait; sleep $SECONDS_\n"
        "    - env:\n      - SECONDS_: {$param: seconds}\n      - COUNT: {$param: count}\n"
    )
    what = action(tmp_path, {"state": "states.yaml"}, states, params={"seconds": PARAM, "count": PARAM})
    asked = order(what, "salt-01", params={"seconds": str(LONG_S), "count": str(tmp_path / "count")}, key="cancel")
    run = follow(asked, once(tmp_path, lambda execution: execution.stop()))
    verdict = run.verdict(asked, Outcome.CANCELLED)
    assert (verdict.outcome, verdict.hosts["host-salt-01"].status) == (Outcome.CANCELLED, "cancelled"), run.text
    assert not is_running(tmp_path)


def test_cancel_of_a_minion_that_does_not_answer_is_unknown(fleet, tmp_path, impatient):
    def freeze_and_stop(execution):
        fleet.signal("salt-01", signal.SIGSTOP)
        execution.stop()

    asked = sleep(tmp_path, 30, "salt-01", key="frozen")
    run = follow(asked, once(tmp_path, freeze_and_stop), seconds=100)
    fleet.signal("salt-01", signal.SIGCONT)
    verdict = run.verdict(asked, Outcome.CANCELLED)
    assert (verdict.outcome, verdict.hosts["host-salt-01"].message) == (Outcome.UNKNOWN, NOT_SEEN_TO_END)


def test_F31_a_stop_before_anything_was_sent_sends_nothing(fleet, tmp_path):
    asked = sleep(tmp_path, 0, key="at-once")
    began = time.monotonic()
    with SaltExecutor().start(asked) as execution:
        execution.stop()
        while execution.exit_code is None:
            assert time.monotonic() - began < 60
            execution.poll(0.2)
    found = SaltExecutor().look_up(asked)
    assert (found == {}) == (times(tmp_path) == 0)


def test_A34_a_certificate_that_nobody_vouches_for_is_refused(fleet, tmp_path, settings):
    settings.SALT_API_CA = ""
    asked = order(action(tmp_path, {"function": "test.ping"}))
    with pytest.raises(Refused, match="certificate is not trusted"):
        SaltExecutor().start(asked)


def test_A34_plain_http_a_wrong_password_and_a_missing_setting_are_refused(fleet, tmp_path, settings):
    asked = order(action(tmp_path, {"function": "test.ping"}))
    settings.SALT_API_PASSWORD = "wrong-password"
    with pytest.raises(Refused, match="401"):
        SaltExecutor().start(asked)
    settings.SALT_API_URL = settings.SALT_API_URL.replace("https", "http")
    with pytest.raises(Refused, match="https"):
        SaltExecutor().start(asked)
    settings.SALT_API_URL = ""
    with pytest.raises(Refused, match="SALT_API_URL is not set"):
        SaltExecutor().start(asked)


def test_a_credential_of_the_action_wins_over_the_settings(fleet, tmp_path, settings):
    fields = {"username": "baton", "password": settings.SALT_API_PASSWORD, "eauth": "sharedsecret"}
    settings.SALT_API_PASSWORD = "wrong-password"
    asked = order(action(tmp_path, {"function": "test.ping"}), credentials={"salt_api": fields})
    assert follow(asked).verdict(asked).outcome == Outcome.OK


def test_A34_a_client_that_is_switched_off_is_said_as_such(fleet):
    from automation.executors.salt.client import Salt
    from tests.salt.conftest import account_of

    salt = Salt(account_of(fleet))
    salt.log_in()
    with pytest.raises(api_connection.SaltApiError, match="Client disabled: 'wheel'"):
        salt._ask({"client": "wheel", "fun": "key.list_all"})
