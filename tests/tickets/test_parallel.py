"""并行: forks and joins, jobs in branches, returns and vetoes around them (I8, I13, I17)."""

import pytest

from tests.factories import (
    HOST,
    HOSTS,
    NOW,
    act,
    approval,
    automation_visit,
    begin,
    finish,
    fresh,
    kinds,
    opened,
    parallel,
    pending,
    restart,
    resubmit,
    submit,
    template,
    user,
    visit,
    waiting,
)
from tickets.commands import execution
from tickets.commands.decide import decide
from tickets.commands.execution import ExecutionRefused
from tickets.commands.withdraw import withdraw
from tickets.errors import AlreadyRunning, TaskAlreadyDecided, WrongState
from tickets.models import NodeVisit
from tickets.queries.detail import ticket_detail

pytestmark = pytest.mark.usefixtures("sound")


def one(node: str, who: str, **more):
    return approval(node, {"user": who}, **more)


TWO = [parallel("fork", [one("l1", "bob"), one("l2", "carol")], [one("r", "dave")]), one("after", "erin")]
# Somebody approves, then one branch runs a job while the other still approves.
JOB = [one("first", "bob"), parallel("fork", [restart()], [one("r", "dave"), one("r2", "erin")]), one("last", "frank")]
JOBS = [one("first", "bob"), parallel("fork", [restart("run1")], [restart("run2")]), one("last", "frank")]


class TestJoin:
    def test_both_branches_are_asked_and_the_join_waits_for_the_last(self) -> None:
        template(TWO)
        ticket = submit()
        assert waiting(ticket) == ["bob", "dave"]
        act(ticket, "dave")
        assert waiting(ticket) == ["bob"]
        assert opened(ticket) == ["fork", "l1"]
        act(ticket, "bob")
        act(ticket, "carol")
        assert waiting(ticket) == ["erin"]
        assert opened(ticket) == ["after"]
        assert visit(ticket, "fork").outcome == "joined"
        assert act(ticket, "erin").state == "completed"

    @pytest.mark.parametrize("order", [["bob", "carol", "dave"], ["bob", "dave", "carol"], ["dave", "bob", "carol"]])
    def test_the_order_of_the_branches_does_not_matter(self, order) -> None:
        template(TWO)
        ticket = submit()
        for who in order:
            assert "erin" not in waiting(ticket)
            act(ticket, who)
        assert waiting(ticket) == ["erin"]

    @pytest.mark.parametrize("branches", [[[], []], [[], [], []]])
    def test_empty_branches_pass_at_once(self, branches) -> None:
        template([parallel("fork", *branches), one("after", "erin")])
        ticket = submit()
        assert waiting(ticket) == ["erin"]
        assert kinds(ticket).count("node.closed") == 1

    @pytest.mark.parametrize("branches", [[[], [one("r", "dave")]], [[one("r", "dave")], []]])
    def test_an_empty_branch_beside_a_full_one_does_not_close_the_join_early(self, branches) -> None:
        template([parallel("fork", *branches), one("after", "erin")])
        ticket = submit()
        assert waiting(ticket) == ["dave"]
        act(ticket, "dave")
        assert waiting(ticket) == ["erin"]

    def test_a_branch_that_only_tells(self) -> None:
        copy = {"node": "tell", "type": "cc", "to": [{"user": "grace"}]}
        template([parallel("fork", [copy], [one("r", "dave")]), one("after", "erin")])
        ticket = submit()
        assert waiting(ticket) == ["dave"]
        act(ticket, "dave")
        assert waiting(ticket) == ["erin"]

    def test_forks_that_only_tell_join_once(self) -> None:
        tell = [{"node": f"tell{i}", "type": "cc", "to": [{"user": "grace"}]} for i in range(3)]
        template([parallel("fork", *[[node] for node in tell]), one("after", "erin")])
        ticket = submit()
        assert waiting(ticket) == ["erin"]
        assert NodeVisit.objects.filter(ticket=ticket, node="after").count() == 1

    def test_a_fork_at_the_end_completes(self) -> None:
        template([parallel("fork", [one("l", "bob")], [one("r", "dave")])])
        ticket = submit()
        act(ticket, "bob")
        assert act(ticket, "dave").state == "completed"

    def test_nested_forks(self) -> None:
        inner = parallel("inner", [one("a", "bob")], [one("b", "carol")])
        template([parallel("outer", [inner, one("c", "dave")], [one("d", "erin")]), one("e", "frank")])
        ticket = submit()
        assert waiting(ticket) == ["bob", "carol", "erin"]
        act(ticket, "erin")
        act(ticket, "bob")
        assert waiting(ticket) == ["carol"]
        act(ticket, "carol")
        assert waiting(ticket) == ["dave"]
        assert opened(ticket) == ["c", "outer"]
        act(ticket, "dave")
        assert waiting(ticket) == ["frank"]

    def test_nested_forks_end_together_with_the_outer_one(self) -> None:
        inner = parallel("inner", [one("a", "bob")], [])
        other = parallel("other", [], [one("b", "carol")])
        template([parallel("outer", [inner], [other]), one("e", "frank")])
        ticket = submit()
        act(ticket, "bob")
        assert waiting(ticket) == ["carol"]
        act(ticket, "carol")
        assert waiting(ticket) == ["frank"]

    @pytest.mark.parametrize(("big", "asked"), [(True, ["bob", "dave"]), (False, ["dave"])])
    def test_a_branch_inside_a_fork(self, big, asked) -> None:
        way = {"node": "way", "type": "branch", "cases": [
            {"when": "form.big", "chain": [one("l", "bob")]}, {"otherwise": True, "chain": []}]}  # fmt: skip
        template([parallel("fork", [way], [one("r", "dave")]), one("after", "erin")],
                 [{"key": "big", "type": "switch", "label": "B"}])  # fmt: skip
        ticket = submit(form={"big": big})
        assert waiting(ticket) == asked
        for who in asked:
            act(ticket, who)
        assert waiting(ticket) == ["erin"]

    def test_a_fork_inside_a_branch(self) -> None:
        way = {"node": "way", "type": "branch", "cases": [
            {"when": "form.big", "chain": [parallel("fork", [one("l", "bob")], [one("r", "dave")])]},
            {"otherwise": True, "chain": []}]}  # fmt: skip
        template([way, one("after", "erin")], [{"key": "big", "type": "switch", "label": "B"}])
        ticket = submit(form={"big": True})
        act(ticket, "bob")
        act(ticket, "dave")
        assert waiting(ticket) == ["erin"]
        assert waiting(submit(form={"big": False})) == ["erin"]

    def test_I04_one_person_may_sit_in_both_branches(self) -> None:
        template([parallel("fork", [one("l", "bob")], [one("r", "bob")])])
        ticket = submit()
        tasks = ticket.tasks.filter(state="pending").order_by("id")
        for task in list(tasks):
            decide(task_id=task.pk, verb="approve", actor=user("bob"), at=NOW, channel="web")
        assert fresh(ticket).state == "completed"


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
        for verb, more in [("veto", {}), ("return", {"comment": "x"})]:
            with pytest.raises(AlreadyRunning):
                act(ticket, "dave", verb, **more)
        act(ticket, "dave")
        for verb, more in [("veto", {}), ("return", {"comment": "x"})]:
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


class TestReturns:
    @pytest.fixture
    def ticket(self):
        template([one("first", "frank"), *TWO])
        return act(submit(), "frank")

    def test_a_return_inside_a_branch_leaves_the_sibling_alone(self, ticket) -> None:
        act(ticket, "bob")
        act(ticket, "carol", "return", to="l1", comment="again")
        assert waiting(ticket) == ["bob", "dave"]
        assert visit(ticket, "r").round == 1
        act(ticket, "dave")
        act(ticket, "bob")
        act(ticket, "carol")
        assert waiting(ticket) == ["erin"]

    def test_the_sibling_of_a_return_inside_a_branch_may_be_done_already(self, ticket) -> None:
        act(ticket, "dave")
        act(ticket, "bob")
        act(ticket, "carol", "return", to="l1", comment="again", resume="here")
        act(ticket, "bob")
        assert waiting(ticket) == ["carol"]
        act(ticket, "carol")
        assert waiting(ticket) == ["erin"]

    @pytest.mark.parametrize(("resume", "asked"), [("restart", ["bob", "dave"]), ("here", ["carol", "dave"])])
    def test_a_return_to_before_the_fork_closes_all_branches(self, ticket, resume, asked) -> None:
        act(ticket, "bob")
        act(ticket, "carol", "return", to="first", comment="again", resume=resume)
        assert waiting(ticket) == ["frank"]
        assert opened(ticket) == ["first"]
        act(ticket, "frank")
        assert waiting(ticket) == asked
        assert len(opened(ticket)) == 3
        assert "fork" in opened(ticket)
        for who in ("bob", "carol", "dave"):
            if who in waiting(ticket):
                act(ticket, who)
        assert waiting(ticket) == ["erin"]

    @pytest.mark.parametrize("done", [[], ["bob"], ["dave"], ["bob", "carol"]])
    def test_here_reopens_exactly_what_was_open(self, ticket, done) -> None:
        for who in done:
            act(ticket, who)
        before = opened(ticket), waiting(ticket)
        act(ticket, waiting(ticket)[0], "return", comment="?", resume="here")
        assert opened(ticket) == []
        assert fresh(ticket).state == "returned"
        resubmit(ticket)
        assert (opened(ticket), waiting(ticket)) == before
        while waiting(ticket):
            act(ticket, waiting(ticket)[0])
        assert fresh(ticket).state == "completed"

    def test_here_reopens_nested_forks(self) -> None:
        inner = parallel("inner", [one("a", "bob")], [one("b", "carol")])
        template([parallel("outer", [inner, one("c", "dave")], [one("d", "erin")])])
        ticket = submit()
        act(ticket, "bob")
        act(ticket, "carol", "return", comment="?", resume="here")
        resubmit(ticket)
        assert opened(ticket) == ["b", "d", "inner", "outer"]
        for who in ("carol", "dave", "erin"):
            act(ticket, who)
        assert fresh(ticket).state == "completed"

    def test_a_return_after_the_join_goes_before_the_fork_only(self, ticket) -> None:
        for who in ("bob", "carol", "dave"):
            act(ticket, who)
        rows = ticket_detail(user("erin"), ticket.number, NOW)["tasks"]
        targets = [row["return_to"] for row in rows if row["assignee"] == "erin"]
        assert [[target["node"] for target in found] for found in targets] == [["first"]]

    def test_I08_a_veto_in_one_branch_closes_all(self, ticket) -> None:
        assert act(ticket, "dave", "veto").state == "vetoed"
        assert opened(ticket) == []
        assert waiting(ticket) == []
        task = ticket.tasks.get(visit__node="l1")
        assert task.state == "cancelled"
        with pytest.raises(TaskAlreadyDecided):
            decide(task_id=task.pk, verb="approve", actor=user("bob"), at=NOW, channel="web")

    def test_withdraw_closes_all(self, ticket) -> None:
        withdraw(number=ticket.number, actor=user("alice"), at=NOW)
        assert opened(ticket) == []
        assert waiting(ticket) == []


def test_the_api_shows_forks_and_what_is_within_them() -> None:
    template([parallel("fork", [one("l", "bob")], [one("r", "dave"), one("r2", "carol")], name="F"), one("z", "erin")])
    ticket = submit()
    shown = ticket_detail(user("alice"), ticket.number, NOW)
    nodes = {row["node"]: row for row in shown["nodes"]}
    assert nodes["fork"]["type"] == "parallel"
    assert nodes["fork"]["within"] == []
    assert [(w["fork"], w["branch"]) for w in nodes["r"]["within"]] == [("fork", 1)]
    assert [row["node"] for row in shown["upcoming"]] == ["r2", "z"]
    assert not any("/" in row["node"] for row in (*shown["nodes"], *shown["upcoming"]))
    assert pending(ticket, "dave")
