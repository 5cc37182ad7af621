"""Edits by an approver (editable_at): what stands, what is refused, what the page offers (I05, A01, A06, A09, A37)."""

import pytest

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
    one,
    parallel,
    pending,
    submit,
    template,
    user,
    visit,
    waiting,
)
from tests.tickets.editing import BIG, NOTE, RUN, SERVICE, started
from tickets.commands import execution
from tickets.errors import AlreadyRunning, Invalid, NotYourTask, OwnTicket, StaleVersion, WrongState
from tickets.models import ApprovalTask, ContentVersion
from tickets.queries.detail import ticket_detail

pytestmark = pytest.mark.usefixtures("sound")
LIMIT = {"key": "limit", "type": "number", "label": "L", "max": 9, "editable_at": ["b"]}


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


class TestByTheApplicant:
    """At a step of his own he fills in what was left empty; what others have signed he does not change (I05)."""

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
