"""A real pipeline: Ansible reads a word on demo hosts, and the next stage writes it (A27)."""

from pathlib import Path

import pytest

from automation.background.run import run
from automation.models import Job
from tests.automation.pipelines import known, staged_job
from tests.automation.world import approve, log_of, submit
from tickets.background.dispatch import dispatch

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
TWO = ["demo-01", "demo-02"]


def test_A27_two_stages_hand_over_what_hosts_say_and_a_template_in_it_stays_text(people, hosts: Path) -> None:
    with known():
        for name in TWO:
            (hosts / name / "etc/word").write_text("blue\n")
        job = staged_job(people, TWO)
        run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.outcome) == ("completed", "ok"), log_of(job)
        assert [(hosts / name / "etc/noted").read_text() for name in TWO] == ["blue\n", "blue\n"]
        assert [host.status for host in job.hosts.all()] == ["changed", "changed"]
        text = log_of(job)
        assert text.index("Stage 1 of 2") < text.index("Stage 2 of 2: test.note") < text.index('word = "blue" from')

        (hosts / "demo-01/etc/word").write_text("{{ 7 * 7 }}\n")
        job = _another(people)
        run(job.pk)
        job.refresh_from_db()
        assert job.outcome == "failed"
        assert "does not declare" in job.hosts.first().message
        assert (hosts / "demo-01/etc/noted").read_text() == "blue\n"


def _another(people) -> Job:
    ticket = submit("line", people, TWO[:1])
    approve(ticket, people)
    dispatch()
    return Job.objects.get(ticket=ticket)
