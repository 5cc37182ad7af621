"""Shipped Salt actions: planned from the inventory, approved, and run on the minions."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from automation.background.run import run as run_job
from automation.executors.base import Mode
from automation.models import Job
from automation.states import JobState, Outcome
from tests.automation.world import TEMPLATES, approved_job, log_of, make_people
from tests.salt.world import play

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
SCRIPT = """#!/bin/sh
case "$1" in
  status) exit 0 ;;
  *) echo "$1" >> {told} ;;
esac
"""


def test_os_version_shows_what_the_host_says(fleet, hosts):
    run = play("salt.system.os_version", hosts=("web-salt-01", "web-salt-02"))
    assert {result.status for result in run.hosts.values()} == {"ok"}
    assert Path("/etc/os-release").read_text().splitlines()[0] in run.text


@pytest.fixture
def service(tmp_path) -> Iterator[str]:
    """A service of the old kind, whose script notes down what it is told; where only root may make one, none."""
    name = f"baton-test-{uuid.uuid4().hex[:8]}"
    script = Path("/etc/init.d") / name
    if os.geteuid() == 0:
        script.write_text(SCRIPT.format(told=tmp_path / "told"))
        script.chmod(0o755)
    yield name
    script.unlink(missing_ok=True)


def test_service_restart_restarts_it_and_says_so_before(fleet, hosts, tmp_path, service):
    if os.geteuid() != 0:  # nobody else makes a service: then there is none, and that has failed
        assert play("salt.service.restart", service=service).hosts["web-salt-01"].status == "failed"
        return
    foreseen = play("salt.service.restart", Mode.CHECK, service=service)
    assert foreseen.hosts["web-salt-01"].changed
    assert not (tmp_path / "told").exists()
    run = play("salt.service.restart", service=service)
    assert run.hosts["web-salt-01"].status == "changed", run.text
    assert (tmp_path / "told").read_text().split() == ["restart"]


def test_a_service_that_there_is_not_has_failed(fleet, hosts):
    run = play("salt.service.restart", service="no-such-service")
    assert run.hosts["web-salt-01"].status == "failed"
    assert "Service: " in run.hosts["web-salt-01"].message


def test_service_status_says_whether_it_runs(fleet, hosts, service):
    if os.geteuid() == 0:
        run = play("salt.service.status", service=service, watch_s=1)
        assert run.hosts["web-salt-01"].status == "ok", run.text
        assert f"The service {service} runs." in run.text
    run = play("salt.service.status", service="no-such-service", watch_s=0)
    assert run.hosts["web-salt-01"].status == "failed"
    assert run.hosts["web-salt-01"].message == "The service no-such-service does not run."


def test_F27_a_job_waits_while_salt_is_away_and_runs_when_it_is_back(fleet, hosts, monkeypatch, settings, tmp_path):
    settings.JOURNAL_DIR = str(tmp_path / "journal")
    monkeypatch.setitem(TEMPLATES, "salt", ("salt.system.os_version", "", ""))
    job = approved_job("salt", make_people(), ["web-salt-01", "web-salt-02"], "batch: 1")
    fleet.kill("salt-api")
    for _turn in range(2):
        run_job(job.pk)
    job = Job.objects.get(pk=job.pk)
    assert (job.state, job.attempt) == (JobState.WAITING, 0)
    assert log_of(job).count("Waiting: Salt cannot be reached") == 1
    fleet.launch("salt-api")
    run_when_it_is_back(job, fleet)
    job = Job.objects.get(pk=job.pk)
    assert (job.state, job.outcome, job.attempt) == (JobState.COMPLETED, Outcome.OK, 1), log_of(job)
    assert "PRETTY_NAME" in log_of(job)
    assert set(job.hosts.values_list("status", flat=True)) == {"ok"}


def run_when_it_is_back(job: Job, fleet) -> None:
    """As the sweep does: ring again until it began."""
    from tests.house import wait_for

    wait_for(fleet.answers, "salt-api")
    wait_for(lambda: run_job(job.pk) or Job.objects.get(pk=job.pk).attempt == 1, "the job")
