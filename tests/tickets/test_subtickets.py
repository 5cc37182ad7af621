"""子工单: planned and signed with the parent, full tickets of their own, heard of once (I12, A3, A6, F19, I18)."""

import pytest
from django.db import connection

from tests.api.calls import Api
from tests.factories import (
    HOST,
    HOSTS,
    NOW,
    act,
    approval,
    begin,
    breaks,
    finish,
    fresh,
    kinds,
    last_event,
    opened,
    parallel,
    proxy,
    restart,
    resubmit,
    submit,
    template,
    user,
    visit,
    waiting,
)
from tests.statements import counted
from tickets.commands import children as parents
from tickets.commands.children import wake, wake_all
from tickets.commands.execution import ExecutionRefused
from tickets.commands.withdraw import withdraw
from tickets.digests import content_digest
from tickets.dispatch import dispatch
from tickets.errors import AlreadyRunning, FixedByParent, Invalid, OwnTicket, WrongState
from tickets.models import Ticket
from tickets.queries.detail import ticket_detail

WHAT = {"key": "what", "type": "text", "label": "W", "required": True, "max_length": 10}
ITEMS = {"key": "items", "type": "multiselect", "label": "I", "options": ["x", "y", "z", "much too long"]}
NOTE = {"key": "note", "type": "text", "label": "N"}
sound = pytest.mark.usefixtures("sound")
pytestmark = pytest.mark.usefixtures("world")


def one(node: str, who: str, **more):
    return approval(node, {"user": who}, **more)


def sub(node: str = "sub", **more):
    return {"node": node, "type": "subticket", "template": "child", "for_each": "form.items", "form": {"what": "item"},
            "title": "'do ' + item", **more}  # fmt: skip


def child_template(*chain, key: str = "child", fields=(WHAT,)):
    return template(list(chain) or [one("x", "dave")], list(fields), key=key)


def parent(items=("x", "y"), *, before=(), after=(), child=(), **more) -> Ticket:
    """A ticket whose chain opens one child for each item; dave decides each child."""
    child_template(*child)
    template([*before, sub(**more), *(after or [one("last", "erin")])], [ITEMS, NOTE])
    return submit(form={"items": list(items)})


def children(ticket) -> list[Ticket]:
    return list(Ticket.objects.filter(parent=ticket).order_by("id"))


def end(child, verb: str = "approve", who: str = "dave") -> None:
    """The child is decided, and its parent hears of it."""
    if verb == "withdraw":
        withdraw(number=child.number, actor=user("alice"), at=NOW)
    else:
        act(child, who, verb, comment="x")
    wake_all(NOW)


@sound
class TestPlanned:
    def test_one_for_each_with_its_own_values(self) -> None:
        ticket = parent(("x", "z"))
        made = children(ticket)
        assert [(c.title, c.content.form, c.state, c.applicant.username) for c in made] == [
            ("do x", {"what": "x"}, "approving", "alice"), ("do z", {"what": "z"}, "approving", "alice"),
        ]  # fmt: skip
        assert [waiting(c) for c in made] == [["dave"], ["dave"]]
        assert opened(ticket) == ["sub"]
        told = last_event(ticket, "subticket.opened")["children"]
        assert told == [{"number": c.number, "template": "child", "title": c.title} for c in made]

    def test_without_for_each_there_is_one(self) -> None:
        child_template()
        node = {"node": "sub", "type": "subticket", "template": "child", "form": {"what": "form.note"}}
        template([node], [NOTE])
        ticket = submit(form={"note": "hello"})
        assert [c.content.form for c in children(ticket)] == [{"what": "hello"}]

    def test_an_empty_list_goes_on_at_once(self) -> None:
        ticket = parent(())
        assert children(ticket) == []
        assert waiting(ticket) == ["erin"]

    def test_they_exist_only_when_the_node_opens(self) -> None:
        ticket = parent(before=[one("a", "bob")])
        assert children(ticket) == []
        planned = fresh(ticket).content.children["sub"]
        assert [child["form"]["what"] for child in planned] == ["x", "y"]
        act(ticket, "bob")
        assert [c.content.digest for c in children(ticket)] == [child["digest"] for child in planned]

    def test_I09_the_version_is_pinned_when_the_parent_is_handed_in(self) -> None:
        ticket = parent(before=[one("a", "bob")])
        pinned = fresh(ticket).content.children["sub"][0]["template_version"]
        child_template(one("x", "frank"), key="child")
        act(ticket, "bob")
        assert {c.template_version_id for c in children(ticket)} == {pinned}
        assert [waiting(c) for c in children(ticket)] == [["dave"], ["dave"]]
        later = submit(form={"items": ["x"]})
        act(later, "bob")
        assert waiting(children(later)[0]) == ["frank"]

    def test_each_more_costs_two_statements(self) -> None:
        """As Walk.save says of each: its row with its content, and all that hangs on it."""
        cost = []
        for items in (["x"], ["x", "y", "z"]):
            ticket = parent(items, before=[one("a", "bob")])
            with counted() as found:
                act(ticket, "bob")
            cost.append(len(found))
        assert cost[1] - cost[0] == 2 * 2

    def test_A06_the_parents_digest_covers_the_children(self) -> None:
        ticket = parent(before=[one("a", "bob")])
        content = fresh(ticket).content
        planned = content.children
        planned["sub"][0]["form"]["what"] = "evil"
        assert content.digest != content_digest(
            template_version_id=ticket.template_version_id, form=content.form, facts=content.facts,
            plans=content.plans, children=planned,
        )  # fmt: skip

    def test_the_childs_errors_are_reported_at_the_child(self) -> None:
        child_template()
        template([sub()], [ITEMS])
        with pytest.raises(Invalid) as refused:
            submit(form={"items": ["x", "much too long"]})
        assert [error["path"] for error in refused.value.errors] == ["children.sub[1].form.what"]
        assert Ticket.objects.filter(template_version__template__key__in=["t", "child"]).count() == 0

    def test_the_childs_plan_is_refused_with_the_parent(self) -> None:
        template([one("x", "dave"), restart()], [HOSTS], key="child")
        node = {"node": "sub", "type": "subticket", "template": "child", "form": {"hosts": "form.hosts"}}
        template([one("a", "bob"), node], [HOSTS])
        with pytest.raises(Invalid) as refused:
            submit(form={"hosts": ["nowhere"]})
        assert refused.value.errors[0]["path"].startswith("children.sub[0].")

    def test_bounded_in_number(self) -> None:
        child_template()
        rows = {"key": "rows", "type": "table", "label": "R", "columns": [{"key": "c", "type": "text", "label": "C"}]}
        template([sub(for_each="form.rows", form={"what": "item.c"}, title="'t'")], [rows])
        many = [{"c": "x"}] * 101
        with pytest.raises(Invalid) as refused:
            submit(form={"rows": many})
        assert "children" in refused.value.errors[0]["path"] or "sub" in refused.value.errors[0]["path"]

    def test_bounded_over_several_nodes(self) -> None:
        child_template()
        rows = {"key": "rows", "type": "table", "label": "R", "columns": [{"key": "c", "type": "text", "label": "C"}]}
        node = {"for_each": "form.rows", "form": {"what": "item.c"}, "title": "'t'"}
        template([sub(f"s{i}", **node) for i in range(3)], [rows])
        with pytest.raises(Invalid) as refused:
            submit(form={"rows": [{"c": "x"}] * 70})
        assert [error["code"] for error in refused.value.errors] == ["too_many_children"]

    def test_a_retired_template_refuses_the_parent_and_not_those_under_way(self) -> None:
        from templates_engine.models import TemplateVersion

        ticket = parent(before=[one("a", "bob")])
        TemplateVersion.objects.filter(template__key="child").update(state="retired")
        with pytest.raises(Invalid) as refused:
            submit(form={"items": ["x"]})
        assert refused.value.errors[0]["path"] == "children.sub"
        act(ticket, "bob")
        assert len(children(ticket)) == 2

    def test_a_draft_plans_nothing(self) -> None:
        child_template()
        template([sub()], [ITEMS])
        ticket = submit(form={"items": ["x"]}, draft=True)
        assert (ticket.content.children, children(ticket)) == ({}, [])


@sound
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


@sound
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
        monkeypatch.setattr(parents.doorbell, "ring", lambda *bell: rung.append(bell))
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


@sound
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


def machine(*before, after=(), **more) -> Ticket:
    """A ticket with a sub-ticket for each host, which runs something there when dave approves."""
    template([one("x", "dave"), restart()], [HOSTS], key="child")
    node = {"node": "sub", "type": "subticket", "template": "child", "for_each": "form.hosts"}
    node |= {"form": {"hosts": "[item]"}, **more}
    template([*before, parallel("fork", [node], [one("r", "frank")]), *(after or [one("last", "erin")])], [HOSTS])
    ticket = submit(form={"hosts": ["demo-01", "demo-02"]})
    for step in before:
        act(ticket, step["approvers"][0]["user"])
    return ticket


def run(child, *, to_the_end: bool = True) -> None:
    """The child's job begins, and ends well."""
    act(child, "dave")
    begin(child)
    if to_the_end:
        finish(child)
        wake_all(NOW)


def take_back(ticket) -> Ticket:
    return withdraw(number=ticket.number, actor=user("alice"), at=NOW)


@sound
class TestTheirJobs:
    """What runs below is the parent's too: nobody walks away from it, nor starts it twice (I14, I17)."""

    @pytest.mark.parametrize(
        ("end_it", "state"),
        [
            (take_back, "withdrawn"),
            (lambda ticket: act(ticket, "frank", "veto", comment="no"), "vetoed"),
            (lambda ticket: act(ticket, "frank", "return", comment="?"), "returned"),
            (lambda ticket: act(ticket, "frank", "return", comment="?", to="a"), "approving"),
        ],
    )
    @pytest.mark.parametrize("wait", ["all", "none"])
    def test_I17_one_that_runs_is_not_walked_away_from(self, end_it, state, wait) -> None:
        ticket = machine(one("a", "bob"), wait=wait)
        first, second = children(ticket)
        run(second, to_the_end=False)
        before = fresh(ticket).event_seq, fresh(first).event_seq
        with pytest.raises(AlreadyRunning, match=second.number):
            end_it(ticket)
        assert (fresh(ticket).event_seq, fresh(first).event_seq) == before
        finish(second, ok=False)
        if state == "approving":
            with pytest.raises(Invalid):
                end_it(ticket)
        else:
            assert end_it(ticket).state == state
            assert {fresh(child).state for child in (first, second)} == {"withdrawn"}

    @pytest.mark.parametrize("wait", ["all", "none"])
    def test_I14_what_ran_below_is_not_run_again_on_the_signatures_of_before(self, wait) -> None:
        ticket = machine(one("a", "bob"), wait=wait)
        for child in children(ticket):
            run(child)
        act(ticket, "frank")
        with pytest.raises(Invalid) as refused:
            act(ticket, "erin", "return", comment="once more", to="a")
        assert refused.value.errors[0]["code"] == "not_reachable"
        assert waiting(ticket) == ["erin"]
        assert len(children(ticket)) == 2

    @pytest.mark.parametrize("dedup", ["none", "all"])
    def test_I14_after_a_return_to_the_applicant_all_are_asked_again(self, dedup) -> None:
        """Even `here`, and even those whom dedup would have passed."""
        ticket = machine(one("a", "bob", dedup=dedup))
        run(children(ticket)[0])
        act(ticket, "frank", "return", comment="?", resume="here")
        resubmit(ticket)
        assert (waiting(ticket), opened(ticket)) == (["bob"], ["a"])

    def test_what_has_not_run_is_made_again(self) -> None:
        ticket = machine(one("a", "bob"))
        act(ticket, "frank", "return", comment="?", to="a", resume="here")
        act(ticket, "bob")
        assert opened(ticket) == ["fork", "r", "sub"]
        assert [c.state for c in children(ticket)] == ["withdrawn", "withdrawn", "approving", "approving"]

    @pytest.mark.parametrize(("on_failure", "state"), [("return", "returned"), ("veto", "vetoed")])
    def test_a_failed_child_while_the_job_of_another_runs_is_heard_afterwards(self, on_failure, state) -> None:
        ticket = machine(on_child_failure=on_failure)
        first, second = children(ticket)
        run(second, to_the_end=False)
        end(first, "veto")
        assert (fresh(ticket).state, kinds(ticket).count("subticket.ended")) == ("approving", 0)
        finish(second)
        wake_all(NOW)
        assert fresh(ticket).state == state
        assert kinds(ticket).count("subticket.ended") == 2


@sound
class TestRights:
    def test_A03_the_applicant_does_not_approve_through_a_sub_ticket(self) -> None:
        child_template(approval("x", {"user": "alice"}, {"applicant": True}))
        template([sub()], [ITEMS])
        ticket = submit(form={"items": ["x"]})
        assert waiting(children(ticket)[0]) == ["bob"]

    def test_A03_nor_as_a_proxy_there(self) -> None:
        from datetime import timedelta

        ticket = parent(("x",))
        proxy("dave", "alice", NOW, NOW + timedelta(hours=1))
        with pytest.raises(OwnTicket):
            act(children(ticket)[0], "alice", seat="dave")

    @pytest.mark.parametrize("depth", [1, 2])
    def test_I03_who_changed_what_the_children_run_signs_it_nowhere(self, depth) -> None:
        """Nor after a return, when the children are planned anew."""
        inner = [one("x", "dave"), restart()]
        for level in range(depth):
            template(inner, [HOSTS], key=f"below{level}")
            inner = [{"node": "s", "type": "subticket", "template": f"below{level}", "form": {"hosts": "form.hosts"}}]
        asked = approval("a", {"user": "dave"}, {"user": "bob"})
        template([asked, *inner], [{**HOSTS, "editable_at": ["a"]}])
        ticket = submit(form=HOST)
        act(ticket, "dave", form={"hosts": ["demo-02"]})
        act(ticket, "bob", "return", comment="more?")
        resubmit(ticket, {"hosts": ["demo-02", "demo-03"]})
        act(ticket, "bob")
        last = Ticket.objects.latest("id")
        assert last.content.facts["editors"] == [user("dave").pk]
        assert waiting(last) == ["bob"]  # it goes up, past dave
        act(last, "bob")
        assert begin(last).plan == last.content.plans["run"]

    def test_I12_a_childs_approval_does_not_count_for_its_parent(self) -> None:
        """Even with dedup: dave signed the child, not the parent."""
        child_template()
        template([sub(), one("last", "dave")], [ITEMS], dedup="all")
        ticket = submit(form={"items": ["x"]})
        end(children(ticket)[0])
        assert waiting(ticket) == ["dave"]

    def test_I23_who_sees_a_child_does_not_see_the_parent(self) -> None:
        from tickets.errors import NotFound

        ticket = parent(("x",))
        (child,) = children(ticket)
        assert ticket_detail(user("dave"), child.number, NOW)["number"] == child.number
        with pytest.raises(NotFound):
            ticket_detail(user("dave"), ticket.number, NOW)

    def test_the_answers_name_parent_and_children(self) -> None:
        ticket = parent()
        first, second = children(ticket)
        shown = ticket_detail(user("alice"), ticket.number, NOW)
        assert [(c["number"], c["state"], c["title"], c["node"]) for c in shown["children"]] == [
            (first.number, "approving", "do x", "sub"), (second.number, "approving", "do y", "sub"),
        ]  # fmt: skip
        assert shown["parent"] is None
        node = next(row for row in shown["nodes"] if row["node"] == "sub")
        assert node["children"] == [first.number, second.number]
        below = ticket_detail(user("alice"), first.number, NOW)
        assert below["parent"] == {"number": ticket.number, "state": "approving", "title": ticket.title}

    def test_I12_a_child_is_handed_in_again_as_its_parents_approvers_signed_it(self) -> None:
        ticket = parent(("x",), before=[one("a", "bob")])
        act(ticket, "bob")
        (child,) = children(ticket)
        act(child, "dave", "return", comment="?", resume="here")
        with pytest.raises(FixedByParent):
            resubmit(child, {"what": "other"})
        assert fresh(child).state == "returned"
        assert ticket_detail(user("alice"), child.number, NOW)["locked"] == ["what"]
        resubmit(child, {"what": "x"})
        assert waiting(child) == ["dave"]
        end(child)
        assert waiting(ticket) == ["erin"]

    def test_I12_nor_does_a_childs_approver_change_what_it_runs(self) -> None:
        """Only what decides about nothing."""
        said = {**NOTE, "editable_at": ["x"]}
        template([one("x", "dave"), restart()], [{**HOSTS, "editable_at": ["x"]}, said], key="child")
        template([{"node": "sub", "type": "subticket", "template": "child", "form": {"hosts": "form.hosts"}}], [HOSTS])
        (child,) = children(submit(form=HOST))
        with pytest.raises(FixedByParent):
            act(child, "dave", form={"hosts": ["demo-02"]})
        assert (waiting(child), fresh(child).content.number) == (["dave"], 1)
        act(child, "dave", form={"note": "seen"})
        assert begin(child).plan["targets"][0]["name"] == "demo-01"


class TestTitles:
    """What the other ticket is called is for those who take part in it (I23)."""

    @pytest.fixture
    def ticket(self) -> Ticket:
        ticket = parent(["x"], before=[one("a", "bob")])
        Ticket.objects.filter(pk=ticket.pk).update(title="Dismissal")
        return act(ticket, "bob")

    @pytest.mark.parametrize(("who", "sees"), [("dave", False), ("alice", True), ("admin", True)])
    def test_I23_of_the_parent(self, ticket, who, sees) -> None:
        shown = ticket_detail(user(who), children(ticket)[0].number, NOW)["parent"]
        assert shown == {"number": ticket.number, "state": "approving", "title": "Dismissal" if sees else None}

    @pytest.mark.parametrize(("who", "sees"), [("bob", False), ("alice", True), ("admin", True)])
    def test_I23_of_the_children(self, ticket, who, sees) -> None:
        path, title = f"tickets/{ticket.number}", "do x" if sees else None
        (child,) = Api(who).get(path).json()["children"]
        events = Api(who).get(f"{path}/events").json()["results"]
        (opened,) = [event["data"]["children"] for event in events if event["kind"] == "subticket.opened"]
        assert [(row["number"], row["title"]) for row in (child, *opened)] == [(children(ticket)[0].number, title)] * 2


class TestTampering:
    def test_A32_a_changed_child_plan_in_the_parent_is_seen(self) -> None:
        template([one("x", "dave"), restart()], [HOSTS], key="child")
        node = {"node": "sub", "type": "subticket", "template": "child", "form": {"hosts": "form.hosts"}}
        template([one("a", "bob"), node, restart("own")], [HOSTS])
        ticket = submit(form=HOST)
        act(ticket, "bob")
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(
                "UPDATE tickets_contentversion"
                " SET children = jsonb_set(children, '{sub,0,form,hosts}', '[\"demo-02\"]')"
                " WHERE ticket_id = %s", [ticket.pk],
            )  # fmt: skip
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        assert "changed_content" in breaks(ticket)
        (child,) = children(ticket)
        act(child, "dave")
        begin(child)
        finish(child)
        wake_all(NOW)
        with pytest.raises(ExecutionRefused, match="changed_content"):
            begin(ticket, "own")
