"""An approver changes the ticket (editable_at): what is voided, who may not sign, what is refused (I3, I5, A6)."""

from datetime import timedelta

import pytest

from accounts.models import User
from tests.api.calls import Api
from tests.factories import (
    HOST,
    HOSTS,
    NOW,
    act,
    approval,
    begin,
    finish,
    fresh,
    kinds,
    last_event,
    move,
    opened,
    parallel,
    pending,
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
from tickets.commands import execution
from tickets.errors import AlreadyRunning, Invalid, NotYourTask, OwnTicket, StaleVersion, WrongState
from tickets.models import ApprovalTask, ContentVersion
from tickets.queries.detail import ticket_detail

pytestmark = pytest.mark.usefixtures("sound")
HOUR = timedelta(hours=1)
NOTE = {"key": "note", "type": "text", "label": "N", "editable_at": ["b"]}
FIXED = {"key": "fixed", "type": "text", "label": "F"}
SERVICE = {"key": "service", "type": "select", "label": "S", "options": ["nginx", "mysql"], "required": True,
           "editable_at": ["a", "b"]}  # fmt: skip
BIG = {"key": "big", "type": "switch", "label": "B", "editable_at": ["b"]}
LIMIT = {"key": "limit", "type": "number", "label": "L", "max": 9, "editable_at": ["b"]}
RUN = restart(params={"service": "form.service"})
FORM = {**HOST, "service": "nginx", "note": "old", "fixed": "f"}


def one(node: str, who: str, **more):
    return approval(node, {"user": who}, **more)


def started(*more, fields=(), form=None, b=None):
    """Approved by bob, about to be judged by carol."""
    chain = [one("a", "bob"), b or one("b", "carol"), *more, RUN]
    template(chain, [HOSTS, SERVICE, NOTE, FIXED, *fields])
    return act(submit(form={**FORM, **(form or {})}), "bob")


class TestWithoutEffect:
    def test_I05_decisions_stand_where_nothing_that_runs_changed(self) -> None:
        ticket = started()
        before = fresh(ticket)
        after = act(ticket, "carol", form={"note": "new"}, comment="typo")
        assert after.state == "executing"
        assert after.content.digest != before.content.digest
        assert after.content.form["note"] == "new"
        assert after.content.number == 2
        assert after.content.plans == before.content.plans
        assert begin(ticket).plan["params"]["service"] == "nginx"

    def test_the_event_says_what_changed(self) -> None:
        ticket = started()
        act(ticket, "carol", form={"note": "new"}, comment="typo")
        event = last_event(ticket, "ticket.edited")
        assert event["diff"] == [{"field": "note", "before": "old", "after": "new"}]
        assert (event["node"], event["content"], event["voided"], event["comment"]) == ("b", 2, False, "typo")
        assert event["digest"] == fresh(ticket).content.digest
        approved = ApprovalTask.objects.get(ticket=ticket, state="approved", assignee__username="carol")
        assert approved.digest == event["digest"]

    def test_an_emptied_field(self) -> None:
        ticket = started()
        act(ticket, "carol", form={"note": ""})
        assert last_event(ticket, "ticket.edited")["diff"] == [{"field": "note", "before": "old", "after": None}]
        assert begin(ticket)

    @pytest.mark.parametrize("form", [{}, {"note": "old"}, {"service": "nginx"}, None])
    def test_no_change_is_no_edit(self, form) -> None:
        ticket = started()
        assert act(ticket, "carol", form=form).content.number == 1
        assert "ticket.edited" not in kinds(ticket)

    def test_edits_by_two_in_one_step_and_what_others_signed_before(self) -> None:
        ticket = started(b=approval("b", {"user": "carol"}, {"user": "dave"}, mode="all"))
        act(ticket, "carol", form={"note": "one"})
        assert waiting(ticket) == ["dave"]
        act(ticket, "dave", form={"note": "two"})
        assert fresh(ticket).content.number == 3
        assert begin(ticket)

    def test_I05_A06_others_must_look_again(self) -> None:
        ticket = started(b=approval("b", {"user": "carol"}, {"user": "dave"}, mode="all"))
        seen = fresh(ticket)
        act(ticket, "carol", form={"note": "one"}, digest=seen.content.digest, ticket_version=seen.version)
        for stale in ({"digest": seen.content.digest}, {"ticket_version": seen.version}):
            with pytest.raises(StaleVersion) as refused:
                act(ticket, "dave", **stale)
            assert refused.value.extra["digest"] == fresh(ticket).content.digest
        act(ticket, "dave", digest=fresh(ticket).content.digest)
        assert begin(ticket)

    def test_a_confirmation_edits_as_well(self) -> None:
        template([one("a", "bob"), {"node": "b", "type": "confirm", "assignees": [{"user": "carol"}]}], [NOTE])
        ticket = act(submit(form={"note": "old"}), "bob")
        act(ticket, "carol", "confirm", form={"note": "new"})
        assert fresh(ticket).state == "completed"
        assert fresh(ticket).content.form["note"] == "new"

    def test_a_way_not_yet_walked_may_change(self) -> None:
        """Only the way up to here was approved; what comes after is asked with the new values."""
        way = {"node": "way", "type": "branch", "cases": [
            {"when": "form.big", "chain": [one("c", "dave")]}, {"otherwise": True, "chain": []}]}  # fmt: skip
        ticket = started(way, fields=[BIG])
        act(ticket, "carol", form={"big": True})
        assert waiting(ticket) == ["dave"]
        assert last_event(ticket, "ticket.edited")["voided"] is False
        act(ticket, "dave")
        assert begin(ticket)


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
            for verb, more in [("transfer", {}), ("add_sign", {"position": "with"})]:
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
            with pytest.raises((NotYourTask, Exception)) as refused:
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


class TestByTheApplicant:
    """At a step of his own he fills in what was left empty; what others have signed he does not change (I5)."""

    @pytest.fixture
    def ticket(self):
        days = {"key": "days", "type": "number", "label": "D", "required": True, "editable_at": ["early", "late"]}
        note = {"key": "note", "type": "text", "label": "N", "editable_at": ["late"]}
        mine = {"type": "confirm", "assignees": [{"applicant": True}]}
        template([{"node": "early", **mine}, approval("a", {"user": "bob"}), {"node": "late", **mine}], [days, note])
        return submit(form={"days": 2})

    @pytest.mark.parametrize("days", [3, 0])
    def test_I05_what_was_signed_stays(self, ticket, days) -> None:
        act(ticket, "alice", "confirm", form={"days": days})
        act(ticket, "bob")
        with pytest.raises(Invalid) as refused:
            act(ticket, "alice", "confirm", form={"days": 200, "note": "x"})
        assert [(error["path"], error["code"]) for error in refused.value.errors] == [("form.days", "signed_already")]
        assert fresh(ticket).content.form["days"] == days

    def test_what_was_empty_is_filled_in(self, ticket) -> None:
        act(ticket, "alice", "confirm")
        act(ticket, "bob")
        assert act(ticket, "alice", "confirm", form={"days": 2, "note": "done"}).state == "completed"
        assert fresh(ticket).content.form["note"] == "done"


class TestRefused:
    @pytest.mark.parametrize(("form", "path", "code"), [
        ({"fixed": "x"}, "form.fixed", "not_editable"),
        ({"hosts": ["demo-02"]}, "form.hosts", "not_editable"),
        ({"nothing": 1}, "form.nothing", "unknown_form_key"),
        ({"service": "redis"}, "form.service", "not_an_option"),
        ({"limit": 10}, "form.limit", "too_big"),
        ({"limit": float("nan")}, "form.limit", None),
        ({"service": ""}, "form.service", "required"),
        ({"service": None}, "form.service", "required"),
        ({"note": ["x"]}, "form.note", None),
    ])  # fmt: skip
    def test_A37_values_are_judged_as_ever(self, form, path, code) -> None:
        ticket = started(fields=[LIMIT])
        before = fresh(ticket).event_seq
        with pytest.raises(Invalid) as refused:
            act(ticket, "carol", form=form)
        found = {(error["path"], error["code"]) for error in refused.value.errors}
        assert path in {where for where, _code in found}
        assert code is None or (path, code) in found, found
        assert (fresh(ticket).event_seq, fresh(ticket).content.number) == (before, 1)

    def test_at_another_node_it_is_not_editable(self) -> None:
        template([one("a", "bob"), one("b", "carol")], [NOTE])
        ticket = submit(form={"note": "old"})
        with pytest.raises(Invalid):
            act(ticket, "bob", form={"note": "new"})

    def test_I05_a_stale_editor_edits_nothing(self) -> None:
        ticket = started()
        with pytest.raises(StaleVersion):
            act(ticket, "carol", form={"note": "new"}, digest="0" * 64)
        assert ContentVersion.objects.filter(ticket=ticket).count() == 1

    def test_A01_nobody_else_edits(self) -> None:
        ticket = started()
        for who in ("bob", "alice"):
            with pytest.raises((NotYourTask, OwnTicket)):
                act(ticket, who, seat="carol", form={"note": "new"})
        assert fresh(ticket).content.number == 1

    @pytest.mark.parametrize("verb", ["veto", "return"])
    def test_an_edit_goes_with_a_yes_only(self, verb) -> None:
        ticket = started()
        task = pending(ticket, "carol").pk
        answer = Api("carol").post(f"tasks/{task}/{verb}", {"form": {"note": "new"}, "comment": "x"})
        assert answer.status_code in (400, 422)
        assert (fresh(ticket).content.number, fresh(ticket).state) == (1, "approving")

    @pytest.mark.parametrize("body", [{"form": []}, {"form": "x"}, {"form": 1}])
    def test_A09_a_form_is_a_mapping(self, body) -> None:
        ticket = started()
        assert Api("carol").post(f"tasks/{pending(ticket, 'carol').pk}/approve", body).status_code == 422
        assert fresh(ticket).content.number == 1

    def test_I17_a_plan_is_not_changed_while_a_job_runs_beside(self) -> None:
        template([one("a", "bob"), parallel("fork", [RUN], [one("b", "carol")])], [HOSTS, SERVICE, NOTE])
        ticket = act(submit(form={**HOST, "service": "nginx", "note": "old"}), "bob")
        begin(ticket)
        with pytest.raises(AlreadyRunning):
            act(ticket, "carol", form={"service": "mysql"})
        assert fresh(ticket).content.number == 1
        act(ticket, "carol", form={"note": "new"})
        assert visit(ticket, "run").state == "open"

    def test_I13_an_edit_beside_a_waiting_job_keeps_its_seal(self) -> None:
        template([one("a", "bob"), parallel("fork", [RUN], [one("b", "carol")])], [HOSTS, SERVICE, NOTE])
        ticket = act(submit(form={**HOST, "service": "nginx", "note": "old"}), "bob")
        act(ticket, "carol", form={"note": "new"})
        assert begin(ticket)
        assert finish(ticket).state == "completed"

    def test_I05_an_edit_of_the_plan_beside_a_waiting_job_closes_it(self) -> None:
        template([one("a", "bob"), parallel("fork", [RUN], [one("b", "carol")])], [HOSTS, SERVICE, NOTE])
        ticket = act(submit(form={**HOST, "service": "nginx", "note": "old"}), "bob")
        old = visit(ticket, "run").pk
        act(ticket, "carol", form={"service": "mysql"})
        with pytest.raises(WrongState):
            execution.begin(visit_id=old, job_id=1, at=NOW)
        act(ticket, "bob")
        assert begin(ticket).plan["params"]["service"] == "mysql"


def test_the_page_offers_what_is_editable() -> None:
    ticket = started()
    rows = {row["assignee"]: row for row in ticket_detail(user("carol"), ticket.number, NOW)["tasks"]}
    assert rows["carol"]["editable"] == ["service", "note"]
    assert rows["bob"]["editable"] == []
