"""Edits by an approver: what becomes void, and who does not sign any more (I03, I05, I10, I12, I13)."""

from typing import Any

import pytest

from accounts.models import User
from tests.factories import (
    HOST,
    HOSTS,
    HOUR,
    NOW,
    act,
    approval,
    begin,
    fresh,
    last_event,
    move,
    one,
    opened,
    parallel,
    proxy,
    reassign,
    restart,
    resubmit,
    submit,
    template,
    user,
    visit,
    waiting,
)
from tests.tickets.editing import BIG, FIXED, FORM, NOTE, RUN, SERVICE, started
from tickets.errors import Invalid, NotFound, NotYourTask, OwnTicket, StaleVersion
from tickets.queries.detail import ticket_detail

pytestmark = pytest.mark.usefixtures("sound")


class TestVoiding:
    def test_I05_a_changed_plan_voids_every_decision(self) -> None:
        ticket = started()
        old = fresh(ticket).content.digest
        after = act(ticket, "carol", form={"service": "mysql"})
        assert after.state == "approving"
        assert waiting(ticket) == ["bob"]
        assert visit(ticket, "b").outcome == "voided"
        assert visit(ticket, "a").round == 2
        assert last_event(ticket, "ticket.edited")["voided"] is True
        with pytest.raises(StaleVersion):
            act(ticket, "bob", digest=old)
        act(ticket, "bob")
        assert "carol" not in waiting(ticket)

    def test_I03_the_editor_does_not_sign_and_it_goes_up(self) -> None:
        ticket = started(b=approval("b", {"user": "dave"}))
        act(ticket, "dave", form={"service": "mysql"})
        act(ticket, "bob")
        assert waiting(ticket) == ["bob"]  # alice's manager steps in for dave
        act(ticket, "bob")
        assert begin(ticket).plan["params"]["service"] == "mysql"

    def test_I03_the_editor_is_not_the_one_it_goes_up_to(self) -> None:
        ticket = started(b=one("b", "bob"))
        act(ticket, "bob", form={"service": "mysql"})
        assert waiting(ticket) == ["carol"]
        act(ticket, "carol")
        assert waiting(ticket) == ["carol"]
        act(ticket, "carol")
        assert begin(ticket)

    @pytest.mark.parametrize("how", ["own", "proxy", "agent"])
    def test_I03_the_editor_signs_in_no_way(self, how) -> None:
        """Not on a seat handed to him, not as somebody's proxy, and nobody signs as his."""
        ticket = started(b=approval("b", {"user": "carol"}, {"user": "dave"}))
        act(ticket, "carol", form={"service": "mysql"})
        if how == "own":
            verbs: list[tuple[str, dict[str, Any]]] = [("transfer", {}), ("add_sign", {"position": "with"})]
            for verb, more in verbs:
                with pytest.raises(Invalid):
                    move(ticket, "bob", verb, "carol", **more)
            with pytest.raises(Invalid):
                reassign(ticket, "a", "carol")
        elif how == "proxy":
            proxy("bob", "carol", NOW - HOUR, NOW + HOUR)
            with pytest.raises(OwnTicket):
                act(ticket, "carol", seat="bob")
            rows = ticket_detail(user("carol"), ticket.number, NOW)["tasks"]
            assert [row["allowed_actions"] for row in rows if row["state"] == "pending"] == [[]]
        else:
            proxy("carol", "grace", NOW - HOUR, NOW + HOUR)
            act(ticket, "bob")
            assert waiting(ticket) == ["dave"]
            with pytest.raises((NotYourTask, NotFound)) as refused:
                act(ticket, "grace", seat="dave")
            assert refused.value.code in ("not_found", "not_your_task")

    def test_I03_a_proxy_who_edits_is_the_editor(self) -> None:
        ticket = started(b=approval("b", {"user": "carol"}, {"user": "dave"}))
        proxy("carol", "frank", NOW - HOUR, NOW + HOUR)
        act(ticket, "frank", seat="carol", form={"service": "mysql"})
        assert fresh(ticket).content.facts["editors"] == [user("frank").pk]
        act(ticket, "bob")
        assert waiting(ticket) == ["carol", "dave"]
        with pytest.raises(OwnTicket):
            act(ticket, "frank", seat="carol")
        act(ticket, "dave")
        assert begin(ticket)

    def test_I03_editors_add_up_and_are_kept_on_resubmit(self) -> None:
        ticket = started(b=approval("b", {"user": "carol"}, {"user": "dave"}, {"user": "erin"}))
        act(ticket, "carol", form={"service": "mysql"})
        act(ticket, "bob")
        act(ticket, "dave", form={"service": "nginx"})
        assert fresh(ticket).content.facts["editors"] == sorted([user("carol").pk, user("dave").pk])
        act(ticket, "bob", "return", comment="?")
        resubmit(ticket, {**FORM, "note": "third"})
        act(ticket, "bob")
        assert waiting(ticket) == ["erin"]
        act(ticket, "erin")
        assert begin(ticket)

    def test_I05_a_changed_way_voids_too(self) -> None:
        way = {"node": "way", "type": "branch", "cases": [
            {"when": "form.big", "chain": [one("c", "dave")]}, {"otherwise": True, "chain": []}]}  # fmt: skip
        template([one("a", "bob"), way, one("b", "carol"), RUN], [HOSTS, SERVICE, NOTE, FIXED, BIG])
        ticket = act(submit(form=FORM), "bob")
        act(ticket, "carol", form={"big": True})
        assert waiting(ticket) == ["bob"]
        assert last_event(ticket, "ticket.edited")["voided"]
        act(ticket, "bob")
        act(ticket, "dave")
        assert waiting(ticket) == ["bob"]  # for carol, who changed the way
        act(ticket, "bob")
        assert begin(ticket)

    def test_I03_who_changes_the_way_does_not_sign_either(self) -> None:
        way = {"node": "way", "type": "branch", "cases": [
            {"when": "form.big", "chain": [one("c", "dave")]}, {"otherwise": True, "chain": []}]}  # fmt: skip
        template([one("a", "bob"), way, approval("b", {"user": "carol"}, {"user": "erin"})], [BIG], dedup="all")
        ticket = act(submit(form={}), "bob")
        act(ticket, "carol", form={"big": True})
        assert fresh(ticket).content.facts["editors"] == [user("carol").pk]
        assert waiting(ticket) == ["bob"]  # his approval of the other way is void, whatever dedup says
        act(ticket, "bob")
        act(ticket, "dave")
        assert waiting(ticket) == ["erin"]

    def test_a_resubmit_without_change_after_an_edit(self) -> None:
        ticket = started(b=approval("b", {"user": "carol"}, {"user": "dave"}, mode="all"))
        act(ticket, "carol", form={"note": "new"})
        act(ticket, "dave", "return", comment="?", resume="here")
        resubmit(ticket)
        assert fresh(ticket).content.number == 2
        assert waiting(ticket) == ["dave"]
        act(ticket, "dave")
        assert begin(ticket)

    @pytest.mark.parametrize("last", [True, False])
    def test_I13_a_changed_way_in_a_branch_that_is_done_voids_too(self, last) -> None:
        """What the sibling branch has walked already was walked by the old values."""
        way = {"node": "way", "type": "branch", "cases": [
            {"when": "form.big", "chain": [one("c", "dave")]}, {"otherwise": True, "chain": []}]}  # fmt: skip
        left = [one("l", "bob"), way] if last else [way, one("l", "bob")]
        fork = parallel("fork", left, [approval("b", {"user": "carol"}, {"user": "erin"})])
        template([fork, restart()], [HOSTS, BIG])
        ticket = act(submit(form=HOST), "bob")
        act(ticket, "carol", form={"big": True})
        assert last_event(ticket, "ticket.edited")["voided"] is True
        while waiting(ticket):
            act(ticket, waiting(ticket)[0])
        assert visit(ticket, "c").outcome == "approved"
        assert begin(ticket)

    def test_a_way_not_yet_walked_in_the_other_branch_may_change(self) -> None:
        way = {"node": "way", "type": "branch", "cases": [
            {"when": "form.big", "chain": [one("c", "dave")]}, {"otherwise": True, "chain": []}]}  # fmt: skip
        template([parallel("fork", [one("l", "bob"), way], [one("b", "carol")]), restart()], [HOSTS, BIG])
        ticket = submit(form=HOST)
        act(ticket, "carol", form={"big": True})
        assert last_event(ticket, "ticket.edited")["voided"] is False
        act(ticket, "bob")
        act(ticket, "dave")
        assert begin(ticket)

    def test_I12_changed_children_void_too(self) -> None:
        template([one("x", "dave")], [{"key": "what", "type": "text", "label": "W", "required": True}], key="child")
        sub = {"node": "sub", "type": "subticket", "template": "child", "form": {"what": "form.note"}}
        template([one("a", "bob"), one("b", "carol"), sub], [NOTE])
        ticket = act(submit(form={"note": "old"}), "bob")
        act(ticket, "carol", form={"note": "new"})
        assert waiting(ticket) == ["bob"]
        assert fresh(ticket).content.children["sub"][0]["form"]["what"] == "new"
        assert fresh(ticket).content.facts["editors"] == [user("carol").pk]

    def test_the_first_node_edits_and_is_asked_anew(self) -> None:
        template([approval("a", {"user": "bob"}, {"user": "carol"}), RUN], [HOSTS, {**SERVICE, "editable_at": ["a"]}])
        ticket = submit(form={**HOST, "service": "nginx"})
        act(ticket, "bob", form={"service": "mysql"})
        assert waiting(ticket) == ["carol"]
        assert visit(ticket, "a").round == 2
        act(ticket, "carol")
        assert begin(ticket)

    def test_I10_nobody_left_but_the_editors_is_stuck_and_said(self) -> None:
        template([one("a", "bob"), RUN], [HOSTS, {**SERVICE, "editable_at": ["a"]}])
        User.objects.exclude(username__in=["alice", "bob"]).update(is_active=False)
        ticket = submit(form={**HOST, "service": "nginx"})
        act(ticket, "bob", form={"service": "mysql"})
        assert waiting(ticket) == []
        assert opened(ticket) == ["a"]
        assert last_event(ticket, "ticket.stuck")["node"] == "a"
