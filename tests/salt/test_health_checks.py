"""Health checks through Salt: after each batch, and asked for where the worker died in the middle of one (F05, F30)."""

from dataclasses import replace
from pathlib import Path

import pytest

from automation.actions.library import library
from automation.background.run import run as run_job
from automation.commands.late_results import ASKING
from tests.automation.world import TEMPLATES, approved_job, log_of, make_people
from tests.salt.test_lost_worker import asked, kill_in_the_middle
from tests.salt.world import action

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
BOTH = ["web-salt-01", "web-salt-02"]


@pytest.fixture
def count(tmp_path: Path, settings, monkeypatch) -> Path:
    """A file with a line for each time that a change was made; its health check wants less than two of them.

    The check takes a moment where `slow` lies beside it, and says so in `checking`.
    """
    settings.JOURNAL_DIR = str(tmp_path / "journal")
    path = tmp_path / "count"
    look = f"touch {tmp_path}/checking; [ ! -e {tmp_path}/slow ] || sleep 5; "
    look += f"[ $(wc -l < {path}) -lt 2 ] || {{ echo 'too many' >&2; exit 1; }}"
    run = {"function": "cmd.run_all", "kwarg": {"cmd": look, "python_shell": True}}
    check = replace(action(tmp_path / "check", run, read_only=True), key="test.check")
    states = f"Change:\n  cmd.run: [{{name: 'echo done >> {path}'}}]\n"
    change = action(tmp_path, {"state": "states.yaml"}, states)
    monkeypatch.setitem(library().shipped, "test.check", check)
    monkeypatch.setitem(
        library().shipped, "test.salt", replace(change, health_check={"action": "test.check", "params": {}})
    )
    monkeypatch.setitem(TEMPLATES, "change", ("test.salt", "", ""))
    return path


def test_it_follows_each_batch_and_stops_the_rest(fleet, hosts, count):
    job = approved_job("change", make_people(), BOTH, "batch: 1")
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("failed", "partial"), log_of(job)
    assert dict(job.hosts.values_list("name", "status")) == dict(zip(BOTH, ["changed", "failed"], strict=True))
    assert job.hosts.get(name=BOTH[1]).message == "Health check failed: too many"
    assert log_of(job).count("Health check test.check") == 2
    assert count.read_text().split() == ["done", "done"]


def test_F05_F30_I14_what_both_came_to_is_asked_after_a_crash_in_the_check(fleet, hosts, count, tmp_path, eventually):
    (tmp_path / "slow").touch()
    job = approved_job("change", make_people(), BOTH[:1])
    kill_in_the_middle(job, (tmp_path / "checking").exists, eventually)
    done = eventually(lambda: (found := asked(job)).state != "running" and found, "the end")
    assert (done.state, done.outcome, done.attempt) == ("completed", "ok", 1), log_of(job)
    assert done.hosts.get().status == "changed"
    assert log_of(job).count(ASKING) == 1
    assert count.read_text().split() == ["done"]
