"""What is signed is what runs, once: begin, settle, rerun, resolve (I13, I14, I15)."""

import pytest

from tests.factories import (
    NGINX,
    NOW,
    act,
    approval,
    automation_visit,
    breaks,
    fresh,
    kinds,
    submit,
    template,
    user,
    waiting,
)
from tests.tickets.running import approved, begin, settle
from tickets.commands import execution
from tickets.commands.withdraw import withdraw
from tickets.errors import AlreadyRunning, WrongState
from tickets.models import Event, NodeVisit, Ticket
from tickets.trail.digests import plan_digest

pytestmark = pytest.mark.usefixtures("world")
HOSTS = {"key": "hosts", "type": "hosts", "label": "H", "required": True}
RUN = {"node": "run", "type": "automation", "action": "service.restart", "targets": "form.hosts",
       "params": {"service": "'nginx'"}}  # fmt: skip
LOOK = {"node": "look", "type": "automation", "action": "system.os_version", "targets": "form.hosts"}
FORM = {"hosts": ["demo-01"]}


@pytest.fixture
def ticket() -> Ticket:
    return approved()


def rerun(ticket, job: int = 1):
    execution.rerun(visit_id=automation_visit(ticket).pk, job_id=job, actor=user("erin"), at=NOW, comment="again")


def resolve(ticket):
    execution.resolve(visit_id=automation_visit(ticket).pk, job_id=1, actor=user("erin"), at=NOW, comment="by hand")


def test_I15_what_begins_is_what_was_shown(ticket) -> None:
    approved = begin(ticket)
    assert approved.plan == ticket.content.plans["run"]
    assert (approved.number, approved.applicant) == (ticket.number, "alice")
    seal = Event.objects.get(ticket=ticket, kind="execution.approved").data
    assert seal["plan_digest"] == approved.plan["digest"] == plan_digest(approved.plan)
    assert seal["content_digest"] == ticket.content.digest
    assert [decision["by"] for decision in seal["decisions"]] == [user("bob").pk, user("dave").pk]
    assert breaks(ticket) == []


def test_I14_begin_twice(ticket) -> None:
    begin(ticket)
    for job in (1, 2):
        with pytest.raises(AlreadyRunning):
            begin(ticket, job)
    assert kinds(ticket).count("job.started") == 1


def test_settle_twice(ticket) -> None:
    begin(ticket)
    settle(ticket, ok=True, hosts={"demo-01": "ok"})
    before = kinds(ticket)
    for ok in (True, False):
        settle(ticket, ok=ok)
    assert kinds(ticket) == before
    assert waiting(ticket) == ["alice"]
    assert breaks(ticket) == []


def test_I14_what_never_began_cannot_have_succeeded(ticket) -> None:
    before = kinds(ticket)
    with pytest.raises(WrongState):
        settle(ticket, ok=True)
    assert kinds(ticket) == before


def test_a_failure_waits_for_a_person(ticket) -> None:
    begin(ticket)
    settle(ticket, ok=False, outcome="failed", hosts={"demo-01": "failed"})
    assert fresh(ticket).state == "failed"
    assert NodeVisit.objects.get(ticket=ticket, type="automation").state == "open"
    with pytest.raises(WrongState):
        begin(ticket)
    settle(ticket, ok=True)
    assert fresh(ticket).state == "failed"
    assert breaks(ticket) == []


def test_rerun_begins_once_more(ticket) -> None:
    begin(ticket)
    settle(ticket, ok=False, outcome="failed")
    rerun(ticket)
    assert fresh(ticket).state == "executing"
    begin(ticket)
    with pytest.raises(AlreadyRunning):
        begin(ticket)
    settle(ticket, ok=True)
    assert waiting(ticket) == ["alice"]
    assert act(ticket, "alice", "confirm").state == "completed"
    assert kinds(ticket).count("job.started") == 2
    assert breaks(ticket) == []


def test_what_an_earlier_job_comes_to_is_not_the_current_ones(ticket) -> None:
    begin(ticket)
    settle(ticket, ok=False, outcome="unknown")
    rerun(ticket, job=2)
    told = len(kinds(ticket))
    settle(ticket, ok=False, outcome="failed")
    begin(ticket, job=2)
    settle(ticket, ok=True)
    assert fresh(ticket).state == "executing"
    assert kinds(ticket)[told:] == ["job.started"]
    settle(ticket, ok=True, job=2)
    assert waiting(ticket) == ["alice"]


def test_resolve_goes_on(ticket) -> None:
    begin(ticket)
    settle(ticket, ok=False, outcome="unknown")
    resolve(ticket)
    assert waiting(ticket) == ["alice"]
    assert automation_visit(ticket).outcome == "resolved"
    assert breaks(ticket) == []


@pytest.mark.parametrize("state", ["executing", "running", "done", "withdrawn"])
def test_rerun_and_resolve_need_a_failure(ticket, state) -> None:
    if state in ("running", "done"):
        begin(ticket)
    if state == "done":
        settle(ticket, ok=True)
    if state == "withdrawn":
        withdraw(number=ticket.number, actor=user("alice"), at=NOW)
    before = kinds(ticket)
    for command in (rerun, resolve):
        with pytest.raises(WrongState):
            command(ticket)
    assert kinds(ticket) == before


def test_a_refused_start_fails_the_ticket(ticket) -> None:
    settle(ticket, ok=False, outcome="refused")
    assert fresh(ticket).state == "failed"
    assert breaks(ticket) == []


def test_two_jobs_one_after_the_other() -> None:
    template([approval("a", {"manager": 1}), RUN, approval("b", {"role": "dba"}), {**RUN, "node": "again"}], [HOSTS])
    ticket = submit(form=FORM)
    act(ticket, "bob")
    begin(ticket)
    settle(ticket, ok=True)
    assert waiting(ticket) == ["dave"]
    act(ticket, "dave")
    assert automation_visit(ticket).node == "again"
    begin(ticket, 2)
    settle(ticket, ok=True, job=2)
    assert fresh(ticket).state == "completed"
    assert breaks(ticket) == []


@pytest.mark.parametrize("mode", ["any", "all", "sequence", {"ratio": 0.5}])
def test_every_mode_is_enough_to_begin(mode) -> None:
    template([approval("a", {"role": "sre"}, {"role": "dba"}, mode=mode), RUN], [HOSTS])
    ticket = submit(form=FORM)
    while waiting(ticket):
        act(ticket, waiting(ticket)[0])
    assert fresh(ticket).state == "executing"
    assert begin(ticket).plan["action"] == "service.restart"


def test_a_returned_and_resumed_ticket_begins() -> None:
    ticket = submit("nginx-config-sync", NGINX)
    act(ticket, "bob")
    act(ticket, "dave", "return", comment="?", resume="here")
    from tickets.commands.submit import resubmit

    resubmit(number=ticket.number, actor=user("alice"), at=NOW)
    act(ticket, "dave")
    begin(ticket)
    assert breaks(ticket) == []


def test_a_read_only_action_needs_no_approval() -> None:
    template([LOOK], [HOSTS])
    ticket = submit(form=FORM)
    assert begin(ticket).plan["action"] == "system.os_version"


def test_the_organisation_of_today_does_not_void_yesterdays_approval(ticket) -> None:
    from accounts.models import User

    User.objects.filter(username__in=["bob", "dave"]).update(is_active=False)
    assert begin(ticket).plan
