"""子工单: when the parent goes on, and what becomes of the children when it ends (I12, I17, I18, F19, F37)."""

import pytest

from common import doorbell
from tests.factories import (
    HOST,
    HOSTS,
    NOW,
    act,
    begin,
    finish,
    fresh,
    kinds,
    last_event,
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
from tests.tickets.family import ITEMS, WHAT, child_template, children, end, parent, sub
from tickets.background.dispatch import dispatch
from tickets.commands import children as parents
from tickets.commands.children import wake, wake_all
from tickets.commands.withdraw import withdraw
from tickets.errors import WrongState

pytestmark = pytest.mark.usefixtures("sound")


class TestWaiting:
    def test_all(self) -> None:
        ticket = parent()
        first, second = children(ticket)
        end(first)
        assert opened(ticket) == ["sub"]
        end(second)
        assert waiting(ticket) == ["erin"]
        assert kinds(ticket).count("subticket.ended") == 2

    def test_any(self) -> None:
        ticket = parent(wait="any")
        first, second = children(ticket)
        end(second)
        assert waiting(ticket) == ["erin"]
        assert fresh(first).state == "approving"
        end(first)
        assert act(ticket, "erin").state == "completed"

    def test_any_does_not_count_failures(self) -> None:
        ticket = parent(wait="any")
        first, second = children(ticket)
        end(first, "veto")
        assert opened(ticket) == ["sub"]
        end(second)
        assert waiting(ticket) == ["erin"]

    def test_any_fails_when_all_have_failed(self) -> None:
        ticket = parent(wait="any")
        for child in children(ticket):
            end(child, "veto")
        assert fresh(ticket).state == "returned"

    def test_none(self) -> None:
        ticket = parent(wait="none")
        assert waiting(ticket) == ["erin"]
        for child in children(ticket):
            end(child, "veto")
        assert waiting(ticket) == ["erin"]
        assert act(ticket, "erin").state == "completed"

    @pytest.mark.parametrize("how", ["veto", "withdraw"])
    @pytest.mark.parametrize(("on_failure", "state"), [("return", "returned"), ("veto", "vetoed")])
    def test_a_failed_child(self, how, on_failure, state) -> None:
        ticket = parent(on_child_failure=on_failure)
        first, second = children(ticket)
        end(first, how)
        assert fresh(ticket).state == state
        assert fresh(second).state == "withdrawn"
        assert opened(ticket) == []

    @pytest.mark.parametrize("how", ["veto", "withdraw"])
    def test_a_failed_child_that_counts_as_ended(self, how) -> None:
        ticket = parent(on_child_failure="continue")
        first, second = children(ticket)
        end(first, how)
        assert (fresh(ticket).state, opened(ticket), fresh(second).state) == ("approving", ["sub"], "approving")
        end(second)
        assert waiting(ticket) == ["erin"]

    def test_after_a_return_the_children_are_made_anew(self) -> None:
        ticket = parent()
        first, _second = children(ticket)
        end(first, "veto")
        resubmit(ticket, {"items": ["z"]})
        assert [c.title for c in children(ticket)] == ["do x", "do y", "do z"]
        assert visit(ticket, "sub").round == 2
        end(children(ticket)[-1])
        assert waiting(ticket) == ["erin"]

    def test_a_returned_child_is_not_at_its_end(self) -> None:
        ticket = parent(("x",))
        (child,) = children(ticket)
        act(child, "dave", "return", comment="?")
        assert wake_all(NOW) == 0
        assert opened(ticket) == ["sub"]
        resubmit(child)
        end(child)
        assert waiting(ticket) == ["erin"]

    def test_a_child_that_is_complete_at_once(self) -> None:
        """Nobody has to approve it, so it ends in the same transaction; the sweep hears of it."""
        tell = {"node": "tell", "type": "cc", "to": [{"user": "grace"}]}
        ticket = parent(("x",), child=[tell])
        assert children(ticket)[0].state == "completed"
        assert wake_all(NOW) == 1
        assert waiting(ticket) == ["erin"]

    def test_in_a_branch_of_a_fork(self) -> None:
        child_template()
        template([parallel("fork", [sub()], [one("r", "bob")]), one("last", "erin")], [ITEMS])
        ticket = submit(form={"items": ["x"]})
        act(ticket, "bob")
        assert opened(ticket) == ["fork", "sub"]
        end(children(ticket)[0])
        assert waiting(ticket) == ["erin"]

    def test_a_failed_child_while_a_job_runs_beside_is_heard_afterwards(self) -> None:
        child_template()
        template([one("a", "bob"), parallel("fork", [sub()], [restart()])], [ITEMS, HOSTS])
        ticket = submit(form={"items": ["x"], **HOST})
        act(ticket, "bob")
        begin(ticket)
        end(children(ticket)[0], "veto")
        assert fresh(ticket).state == "executing"
        assert wake_all(NOW) == 1
        assert fresh(ticket).state == "executing"
        finish(ticket)
        wake_all(NOW)
        assert fresh(ticket).state == "returned"


class TestHearing:
    def test_F19_woken_twice_changes_nothing(self) -> None:
        ticket = parent()
        act(children(ticket)[0], "dave")
        here = visit(ticket, "sub").pk
        for _again in range(3):
            wake(visit_id=here, at=NOW)
        assert kinds(ticket).count("subticket.ended") == 1
        act(children(ticket)[1], "dave")
        for _again in range(3):
            wake(visit_id=here, at=NOW)
        assert waiting(ticket) == ["erin"]
        assert kinds(ticket).count("node.opened") == 2

    def test_F19_woken_after_the_parent_has_ended(self) -> None:
        ticket = parent()
        here = visit(ticket, "sub").pk
        withdraw(number=ticket.number, actor=user("alice"), at=NOW)
        before = fresh(ticket).event_seq
        wake(visit_id=here, at=NOW)
        assert fresh(ticket).event_seq == before

    @pytest.mark.parametrize("verb", ["approve", "veto", "withdraw"])
    def test_whoever_ends_the_last_one_sees_the_parent_go_on(self, django_capture_on_commit_callbacks, verb) -> None:
        ticket = parent(("x",), on_child_failure="continue")
        (child,) = children(ticket)
        with django_capture_on_commit_callbacks(execute=True):
            if verb == "withdraw":
                withdraw(number=child.number, actor=user("alice"), at=NOW)
            else:
                act(child, "dave", verb, comment="x")
            assert waiting(ticket) == []
        assert waiting(ticket) == ["erin"]

    def test_F37_a_parent_that_fails_then_does_not_fail_the_decision(
        self, django_capture_on_commit_callbacks, monkeypatch
    ) -> None:
        ticket = parent(("x",))
        monkeypatch.setattr(parents, "_settle", lambda *_: 1 / 0)
        with django_capture_on_commit_callbacks(execute=True):
            act(children(ticket)[0], "dave")
        monkeypatch.undo()
        assert wake_all(NOW) == 1
        assert waiting(ticket) == ["erin"]

    def test_I18_the_bell_rings_with_the_childs_end(self, monkeypatch) -> None:
        rung = []
        monkeypatch.setattr(doorbell, "ring", lambda *bell: rung.append(bell))
        ticket = parent(("x",))
        dispatch(NOW)
        act(children(ticket)[0], "dave")
        dispatch(NOW)
        assert (parents.WAKE, visit(ticket, "sub").pk) in rung

    def test_I18_the_sweep_hears_what_no_bell_was_rung_for(self) -> None:
        ticket = parent()
        for child in children(ticket):
            act(child, "dave")
        assert opened(ticket) == ["sub"]
        assert wake_all(NOW) == 1
        assert waiting(ticket) == ["erin"]
        assert wake_all(NOW) == 0

    def test_F37_a_parent_that_cannot_be_woken_stops_no_other(self, monkeypatch) -> None:
        bad, good = parent(("x",)), parent(("x",))
        for ticket in (bad, good):
            act(children(ticket)[0], "dave")

        def settle(walk, *rest):
            if walk.ticket.pk == bad.pk:
                raise RuntimeError("a row that nobody can read")
            return real(walk, *rest)

        real = parents._settle
        monkeypatch.setattr(parents, "_settle", settle)
        assert wake_all(NOW) == 1
        assert (opened(bad), waiting(good)) == (["sub"], ["erin"])
        monkeypatch.undo()
        assert wake_all(NOW) == 1
        assert waiting(bad) == ["erin"]


class TestEnding:
    def test_I12_a_withdrawn_parent_withdraws_its_children_however_deep(self) -> None:
        child_template(key="grandchild")
        node = {"node": "below", "type": "subticket", "template": "grandchild", "form": {"what": "form.what"}}
        template([node], [WHAT], key="child")
        template([sub()], [ITEMS])
        ticket = submit(form={"items": ["x", "y"]})
        grand = [c for child in children(ticket) for c in children(child)]
        assert [c.state for c in grand] == ["approving", "approving"]
        withdraw(number=ticket.number, actor=user("alice"), at=NOW)
        assert {fresh(c).state for c in [*children(ticket), *grand]} == {"withdrawn"}
        assert last_event(grand[0], "ticket.withdrawn")["parent"] == children(ticket)[0].number

    def test_nesting_completes_from_below(self) -> None:
        child_template(key="grandchild")
        node = {"node": "below", "type": "subticket", "template": "grandchild", "form": {"what": "form.what"}}
        template([node], [WHAT], key="child")
        template([sub(), one("last", "erin")], [ITEMS])
        ticket = submit(form={"items": ["x"]})
        (child,) = children(ticket)
        (grandchild,) = children(child)
        end(grandchild)
        wake_all(NOW)
        assert fresh(child).state == "completed"
        assert waiting(ticket) == ["erin"]

    @pytest.mark.parametrize("wait", ["none", "any"])
    def test_I12_a_withdrawal_reaches_below_a_child_that_has_ended(self, wait) -> None:
        child_template(key="grandchild", fields=())
        below = {"node": "below", "type": "subticket", "template": "grandchild", "wait": "none"}
        template([below, below | {"node": "more"}], key="child")
        template([sub(form={}, wait=wait), one("last", "erin")], [ITEMS])
        ticket = submit(form={"items": ["x"]})
        wake_all(NOW)
        assert waiting(ticket) == ["erin"]
        (child,) = children(ticket)
        withdraw(number=ticket.number, actor=user("alice"), at=NOW)
        assert fresh(child).state == "completed"
        assert [c.state for c in children(child)] == ["withdrawn", "withdrawn"]

    def test_I17_a_child_whose_job_has_not_begun_never_runs(self) -> None:
        template([one("x", "dave"), restart()], [HOSTS], key="child")
        node = {"node": "sub", "type": "subticket", "template": "child", "form": {"hosts": "form.hosts"}}
        template([node], [HOSTS])
        ticket = submit(form=HOST)
        (child,) = children(ticket)
        act(child, "dave")
        withdraw(number=ticket.number, actor=user("alice"), at=NOW)
        with pytest.raises(WrongState):
            begin(child)

    def test_an_ended_child_keeps_its_end(self) -> None:
        ticket = parent()
        end(children(ticket)[0])
        withdraw(number=ticket.number, actor=user("alice"), at=NOW)
        assert [c.state for c in children(ticket)] == ["completed", "withdrawn"]
