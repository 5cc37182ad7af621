"""What a stop ends, what it cannot end, and that it reports this at once (F29, F31)."""

from typing import Any

import pytest

from automation.executors.host_words import BACKGROUND, RUNNER_GOES_ON
from automation.executors.salt.api_connection import Account
from automation.executors.salt.client import Salt
from automation.executors.salt.drive import FAILED, Drive
from automation.executors.salt.work import prepare
from automation.states import Outcome
from tests.salt.sleeping import LONG_S, once, processes, sleep
from tests.salt.world import action, follow, order

pytestmark = pytest.mark.services
RAN_AWAY = '(setsid sleep $SECONDS_ >/dev/null 2>&1 </dev/null &) ; sleep "$SECONDS_"'


def test_what_a_command_put_into_the_background_goes_on_and_the_host_says_so(fleet, tmp_path):
    """Salt kills a job and its children; who left their tree is out of its reach. That is said, not hidden."""
    asked = sleep(tmp_path, LONG_S, "salt-01", command=RAN_AWAY, key="background")
    run = follow(asked, once(tmp_path, lambda execution: execution.stop()))
    try:
        left = [process.name() for process in processes(tmp_path)]
        verdict = run.verdict(asked, Outcome.CANCELLED)
        assert verdict.outcome == Outcome.CANCELLED, run.text
        result = verdict.hosts["host-salt-01"]
        assert (result.status, result.message) == ("cancelled", BACKGROUND)
        assert left == ["sleep"]
    finally:
        for process in processes(tmp_path):
            process.kill()


def test_a_runner_is_not_waited_for_when_it_is_to_stop_and_is_unknown(fleet, tmp_path):
    what = action(tmp_path, {"runner": "test.sleep", "kwarg": {"s_time": 15}})
    asked = order(what, "salt-01")
    stopped: list[Any] = []

    def stop(run, execution):
        if not stopped and run.hosts and run.of("salt-01").status == "running":
            stopped.append(1)
            execution.stop()

    run = follow(asked, stop)
    assert run.took_s < 12  # the runner sleeps for 15 s
    verdict = run.verdict(asked, Outcome.CANCELLED)
    assert (verdict.outcome, verdict.hosts["host-salt-01"].message) == (Outcome.UNKNOWN, RUNNER_GOES_ON)


def test_F31_a_runner_that_is_stopped_before_it_was_sent_is_not_sent(tmp_path):
    what = action(tmp_path, {"runner": "test.arg"})
    nobody = Salt(Account("https://127.0.0.1:9", "", "", ""))
    nobody.runner = lambda *_given: pytest.fail("it was sent")  # type: ignore[method-assign]
    drive = Drive(nobody, prepare(order(what, "salt-01")))
    drive.stop()
    drive.run()
    assert drive.ending == (FAILED, True)
