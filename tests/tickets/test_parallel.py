"""并行: forks and joins, returns and vetoes around them (I08)."""

import pytest

from tests.factories import (
    NOW,
    act,
    fresh,
    kinds,
    one,
    opened,
    parallel,
    pending,
    resubmit,
    submit,
    template,
    user,
    visit,
    waiting,
)
from tickets.commands.decide import decide
from tickets.commands.withdraw import withdraw
from tickets.errors import TaskAlreadyDecided
from tickets.models import NodeVisit
from tickets.queries.detail import ticket_detail

pytestmark = pytest.mark.usefixtures("sound")
TWO = [parallel("fork", [one("l1", "bob"), one("l2", "carol")], [one("r", "dave")]), one("after", "erin")]


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
