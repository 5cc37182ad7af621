"""Two parallel jobs of one ticket: each is stopped, rerun and resolved separately (I14, I17)."""

import pytest
from django.utils import timezone

from automation.commands.claim import claim
from automation.commands.control import cancel, rerun, resolve
from automation.commands.finish import finish
from automation.executors.base import HostResult
from automation.executors.verdict import Verdict
from automation.models import Job
from automation.queries.jobs import allowed_actions, get_job
from templates_engine.store.commands import import_template
from tests.automation.world import approve, kinds, submit
from tickets.background.dispatch import dispatch
from tickets.errors import WrongState
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

BOTH = """
apiVersion: baton/v1
kind: TicketTemplate
key: both
name: {zh: 双线变更, en: Both}
category: 变更
number_prefix: CHG
visible_to: [everyone]
form:
  - {key: hosts, type: hosts, label: {zh: 主机, en: Hosts}, required: true}
chain:
  - {node: leader, type: approval, name: 主管, approvers: [{user: bob}]}
  - node: fork
    type: parallel
    branches:
      - {name: 甲, chain: [
          {node: one, type: automation, name: 甲, action: system.os_version, targets: form.hosts, params: {}}]}
      - {name: 乙, chain: [
          {node: two, type: automation, name: 乙, action: system.os_version, targets: form.hosts, params: {}}]}
"""


@pytest.fixture
def jobs(people, hosts, monkeypatch) -> dict[str, Job]:
    """Both jobs, waiting."""
    monkeypatch.setattr("common.doorbell.ring", lambda *what: None)
    import_template(text=BOTH, actor=None, at=timezone.now(), publish_it=True)
    ticket = submit("both", people, ["demo-01"])
    approve(ticket, people)
    dispatch()
    return {job.node: job for job in Job.objects.filter(ticket=ticket).select_related("ticket")}


def end(job: Job, outcome: str) -> None:
    claimed = claim(job.pk)
    assert claimed is not None
    status = "ok" if outcome == "ok" else "failed"
    assert finish(job.pk, claimed.attempt, "", Verdict(outcome, {"demo-01": HostResult(status)}))
    dispatch()


def ticket_state(jobs: dict[str, Job]) -> str:
    return Ticket.objects.get(pk=jobs["one"].ticket_id).state


def states(jobs: dict[str, Job]) -> tuple[str, str]:
    found = dict(Job.objects.values_list("node", "state"))
    return found["one"], found["two"]


def test_both_run_and_the_ticket_ends_with_the_second(jobs) -> None:
    first, second = claim(jobs["one"].pk), claim(jobs["two"].pk)
    assert first is not None
    assert second is not None
    for job, claimed in ((jobs["one"], first), (jobs["two"], second)):
        assert ticket_state(jobs) == "executing"
        assert finish(job.pk, claimed.attempt, "", Verdict("ok", {"demo-01": HostResult("ok")}))
        dispatch()
    assert (states(jobs), ticket_state(jobs)) == (("completed", "completed"), "completed")


def test_a_failure_beside_a_running_job_loses_neither(jobs, people) -> None:
    running = claim(jobs["two"].pk)
    end(jobs["one"], "failed")
    assert ticket_state(jobs) == "failed"
    assert finish(jobs["two"].pk, running.attempt, "", Verdict("ok", {"demo-01": HostResult("ok")}))
    dispatch()
    assert (states(jobs), ticket_state(jobs)) == (("failed", "completed"), "failed")
    assert kinds(jobs["one"].ticket).count("job.finished") == 2
    rerun(job_id=jobs["one"].pk, actor=people["erin"], at=timezone.now(), hosts="failed", comment="")
    end(jobs["one"], "ok")
    assert (states(jobs), ticket_state(jobs)) == (("completed", "completed"), "completed")


def test_the_second_may_still_begin_after_the_first_failed(jobs) -> None:
    end(jobs["one"], "failed")
    end(jobs["two"], "ok")
    assert (states(jobs), ticket_state(jobs)) == (("failed", "completed"), "failed")


def test_rerun_and_resolve_reach_their_own_job_only(jobs, people) -> None:
    end(jobs["one"], "failed")
    end(jobs["two"], "failed")
    at = timezone.now()
    erin = people["erin"]
    resolve(job_id=jobs["one"].pk, actor=erin, at=at, comment="Done by hand.")
    dispatch()
    assert ticket_state(jobs) == "failed"
    assert allowed_actions(erin, get_job(erin, jobs["one"].pk, at), at) == []
    assert allowed_actions(erin, get_job(erin, jobs["two"].pk, at), at) == ["rerun", "resolve"]
    with pytest.raises(WrongState):
        rerun(job_id=jobs["one"].pk, actor=erin, at=at, hosts="all", comment="again")
    rerun(job_id=jobs["two"].pk, actor=erin, at=at, hosts="all", comment="")
    assert states(jobs) == ("failed", "waiting")
    end(jobs["two"], "ok")
    assert ticket_state(jobs) == "completed"


def test_cancelling_one_leaves_the_other(jobs, people) -> None:
    cancel(job_id=jobs["one"].pk, actor=people["alice"], at=timezone.now())
    dispatch()
    assert states(jobs) == ("cancelled", "waiting")
    assert claim(jobs["two"].pk) is not None
