"""并行: jobs in branches (I13, I17)."""

from typing import Any

import pytest

from tests.factories import (
    HOST,
    HOSTS,
    NOW,
    act,
    automation_visit,
    begin,
    finish,
    fresh,
    one,
    opened,
    parallel,
    restart,
    resubmit,
    submit,
    template,
    user,
    visit,
    waiting,
)
from tickets.commands import execution
from tickets.commands.execution import ExecutionRefused
from tickets.commands.withdraw import withdraw
from tickets.errors import AlreadyRunning, WrongState
from tickets.models import NodeVisit

pytestmark = pytest.mark.usefixtures("sound")
# Somebody approves, then one branch runs a job while the other still approves.
JOB = [one("first", "bob"), parallel("fork", [restart()], [one("r", "dave"), one("r2", "erin")]), one("last", "frank")]
JOBS = [one("first", "bob"), parallel("fork", [restart("run1")], [restart("run2")]), one("last", "frank")]


class TestJobs:
    @pytest.fixture
    def ticket(self):
        template(JOB, [HOSTS])
        ticket = submit(form=HOST)
        return act(ticket, "bob")

    def test_a_job_in_one_branch_while_the_other_approves(self, ticket) -> None:
        assert ticket.state == "executing"
        assert waiting(ticket) == ["dave"]
        act(ticket, "dave")
        assert fresh(ticket).state == "executing"
        begin(ticket)
        act(ticket, "erin")
        assert fresh(ticket).state == "executing"
        finish(ticket)
        assert waiting(ticket) == ["frank"]
        assert fresh(ticket).state == "approving"
        assert act(ticket, "frank").state == "completed"

    def test_I13_the_seal_holds_with_later_decisions_in_the_sibling(self, ticket) -> None:
        act(ticket, "dave")
        act(ticket, "erin")
        assert begin(ticket).plan["params"]["service"] == "nginx"

    def test_the_job_ends_first(self, ticket) -> None:
        begin(ticket)
        assert finish(ticket).state == "approving"
        act(ticket, "dave")
        act(ticket, "erin")
        assert waiting(ticket) == ["frank"]

    def test_I17_nobody_walks_away_from_a_running_job(self, ticket) -> None:
        begin(ticket)
        verbs: list[tuple[str, dict[str, Any]]] = [("veto", {}), ("return", {"comment": "x"})]
        for verb, more in verbs:
            with pytest.raises(AlreadyRunning):
                act(ticket, "dave", verb, **more)
        act(ticket, "dave")
        for verb, more in verbs:
            with pytest.raises(AlreadyRunning):
                act(ticket, "erin", verb, **more)
        with pytest.raises(AlreadyRunning):
            withdraw(number=ticket.number, actor=user("alice"), at=NOW)
        act(ticket, "erin", "return", to="r", comment="inside the branch is no walking away")
        assert waiting(ticket) == ["dave"]
        assert visit(ticket, "run").state == "open"

    @pytest.mark.parametrize("how", ["return", "veto", "withdraw"])
    def test_I17_a_waiting_job_of_a_closed_visit_never_begins(self, ticket, how) -> None:
        waiting_job = automation_visit(ticket).pk
        if how == "withdraw":
            withdraw(number=ticket.number, actor=user("alice"), at=NOW)
        else:
            act(ticket, "dave", how, comment="no")
        with pytest.raises(WrongState):
            execution.begin(visit_id=waiting_job, job_id=1, at=NOW)

    def test_a_waiting_job_after_a_return_and_resubmit_begins_once_only_in_its_new_visit(self, ticket) -> None:
        old = automation_visit(ticket).pk
        act(ticket, "dave", "return", comment="?", resume="here")
        resubmit(ticket)
        assert opened(ticket) == ["fork", "r", "run"]
        assert fresh(ticket).state == "executing"
        with pytest.raises(WrongState):
            execution.begin(visit_id=old, job_id=1, at=NOW)
        assert begin(ticket, job=2)

    def test_a_failed_job_may_be_walked_away_from(self, ticket) -> None:
        begin(ticket)
        assert finish(ticket, ok=False).state == "failed"
        assert act(ticket, "dave", "veto").state == "vetoed"

    def test_decisions_beside_a_failed_job_keep_the_ticket_failed(self, ticket) -> None:
        begin(ticket)
        finish(ticket, ok=False)
        act(ticket, "dave")
        act(ticket, "erin")
        assert fresh(ticket).state == "failed"
        assert opened(ticket) == ["fork", "run"]
        run = visit(ticket, "run").pk
        execution.resolve(visit_id=run, job_id=1, actor=user("erin"), at=NOW, comment="by hand")
        assert waiting(ticket) == ["frank"]
        assert fresh(ticket).state == "approving"

    def test_I13_approvals_in_both_branches_come_before_a_job_behind_the_join(self) -> None:
        template([parallel("fork", [one("l", "bob")], [one("r", "dave")]), restart()], [HOSTS])
        ticket = submit(form=HOST)
        act(ticket, "bob")
        assert fresh(ticket).state == "approving"
        act(ticket, "dave")
        assert begin(ticket)

    def test_A32_a_branch_closed_by_hand_does_not_release_the_job(self) -> None:
        template([parallel("fork", [one("l", "bob")], [one("r", "dave")]), restart()], [HOSTS])
        ticket = submit(form=HOST)
        NodeVisit.objects.filter(ticket=ticket, node="r").update(state="done", outcome="approved")
        ticket.tasks.filter(visit__node="r").delete()
        act(ticket, "bob")
        assert fresh(ticket).state == "executing"
        with pytest.raises(ExecutionRefused, match="incomplete"):
            begin(ticket)


class TestTwoJobs:
    @pytest.fixture
    def ticket(self):
        template(JOBS, [HOSTS])
        ticket = submit(form=HOST)
        return act(ticket, "bob")

    def test_both_run(self, ticket) -> None:
        assert begin(ticket, "run1", job=1).plan["node"] == "run1"
        assert begin(ticket, "run2", job=2).plan["node"] == "run2"
        assert finish(ticket, "run2", job=2).state == "executing"
        assert finish(ticket, "run1").state == "approving"
        assert waiting(ticket) == ["frank"]

    def test_one_fails_while_the_other_waits(self, ticket) -> None:
        begin(ticket, "run1")
        assert finish(ticket, "run1", ok=False).state == "failed"
        with pytest.raises(WrongState):
            execution.rerun(visit_id=visit(ticket, "run2").pk, job_id=2, actor=user("erin"), at=NOW)
        begin(ticket, "run2", job=2)
        assert finish(ticket, "run2", job=2).state == "failed"
        execution.rerun(visit_id=visit(ticket, "run1").pk, job_id=1, actor=user("erin"), at=NOW)
        assert fresh(ticket).state == "executing"
        begin(ticket, "run1")
        assert finish(ticket, "run1").state == "approving"

    def test_both_fail_and_each_is_settled_alone(self, ticket) -> None:
        for job, node in enumerate(("run1", "run2"), 1):
            begin(ticket, node, job=job)
            finish(ticket, node, ok=False, job=job)
        execution.resolve(visit_id=visit(ticket, "run2").pk, job_id=2, actor=user("erin"), at=NOW, comment="x")
        assert fresh(ticket).state == "failed"
        execution.rerun(visit_id=visit(ticket, "run1").pk, job_id=1, actor=user("erin"), at=NOW)
        assert fresh(ticket).state == "executing"
        begin(ticket, "run1")
        finish(ticket, "run1")
        assert waiting(ticket) == ["frank"]

    def test_I17_one_runs_the_other_failed(self, ticket) -> None:
        begin(ticket, "run1")
        begin(ticket, "run2", job=2)
        finish(ticket, "run2", ok=False, job=2)
        with pytest.raises(AlreadyRunning):
            withdraw(number=ticket.number, actor=user("alice"), at=NOW)
        finish(ticket, "run1", ok=False)
        assert withdraw(number=ticket.number, actor=user("alice"), at=NOW).state == "withdrawn"
