"""Surprising behaviour of a real Salt: batches, expired records, lists, secrets in commands."""

import pytest

from automation.actions.batches import CONTINUE
from automation.executors.salt.client import Request, Salt
from automation.states import Outcome
from tests.salt.conftest import account_of
from tests.salt.sleeping import once, sleep, times
from tests.salt.world import PARAM, action, follow, order

pytestmark = pytest.mark.services
FAILS_ON_ONE = 'case "$HOME" in *salt-01) echo on purpose; exit 3;; esac'


def test_F29_batches_keep_every_return_code_and_name_who_is_down(fleet, tmp_path):
    """Salt's own batches lose the return code and whoever is down; ours are runs of their own."""
    what = action(tmp_path, {"function": "cmd.run_all", "kwarg": {"cmd": FAILS_ON_ONE}})
    asked = order(what, "salt-01", "salt-02", "salt-99", batch=1, on_failure=CONTINUE, key="batched")
    run = follow(asked)
    assert {name: result.status for name, result in run.hosts.items()} == {
        "host-salt-01": "failed",
        "host-salt-02": "ok",
        "host-salt-99": "unreachable",
    }, run.text
    assert run.of("salt-01").message == "on purpose"
    assert [run.text.count(f"Batch {number} of 3") for number in (1, 2, 3)] == [1, 1, 1]
    assert run.verdict(asked).outcome == Outcome.PARTIAL


def test_A34_clients_that_lose_what_counts_are_switched_off(fleet):
    salt = Salt(account_of(fleet))
    salt.log_in()
    assert not salt.has_client("local_batch")
    assert not salt.has_client("local_subset")


def test_F28_a_record_that_runs_out_under_a_run_makes_its_late_result_unknown_never_done(fleet, tmp_path, impatient):
    """The master keeps no answer to a job that it has forgotten, though the event of it passes by."""

    def forget(_execution):
        jobs = fleet.plan.home / "master" / "cache" / "jobs"
        jobs.rename(jobs.with_name("forgotten"))

    asked = sleep(tmp_path, 3, "salt-01", key="forgotten")
    run = follow(asked, once(tmp_path, forget))
    assert times(tmp_path) == 1
    assert run.of("salt-01").status == "unknown", run.text
    assert run.verdict(asked).outcome == Outcome.UNKNOWN


def test_a_requisite_that_there_is_not_has_failed_whatever_shape_a_version_gives_it(fleet, tmp_path):
    states = "A:\n  test.nop:\n    - require: [{file: No such state}]\n"
    asked = order(action(tmp_path, {"state": "states.yaml"}, states), "salt-01")
    run = follow(asked)
    assert run.verdict(asked).outcome == Outcome.FAILED
    assert "No such state" in run.of("salt-01").message


def test_A30_every_request_says_that_its_target_is_a_list(fleet, monkeypatch):
    """Without that word a version takes a list for something else, or refuses it."""
    salt = Salt(account_of(fleet))
    sent = []
    monkeypatch.setattr(salt, "_ask", lambda low, _timeout_s=None: sent.append(low) or {})
    salt.running(["a"], "1")
    salt.kill(["a"], "1")
    salt.folders(["a"], "/x")
    salt.grains(["a"], ["os"])
    salt.publish(Request("test.ping", ["a"], "1"))
    assert [(low["tgt_type"], low["tgt"]) for low in sent] == [("list", ["a"])] * 5


def test_I24_what_a_command_is_handed_in_its_environment_stands_in_no_log(fleet, tmp_path):
    states = "A:\n  cmd.run: [{name: 'test -n \"$SECRET\"; exit 3'}, {env: [{SECRET: {$param: word}}]}]\n"
    what = action(tmp_path, {"state": "states.yaml"}, states, params={"word": PARAM})
    run = follow(order(what, "salt-01", params={"word": "hunter2-of-this-test"}))
    assert run.of("salt-01").status == "failed"
    told = run.text + run.of("salt-01").message + "".join(diff.text for diff in run.diffs)
    assert "hunter2-of-this-test" not in told
