"""Resubmits, plans, withdrawals, copies (I05, I15, I17, A06, A30, A33)."""

import pytest

from accounts.models import User
from templates_engine.store.queries import simulate, usable_template
from tests.factories import (
    LEAVE,
    NGINX,
    NOW,
    act,
    approval,
    automation_visit,
    breaks,
    fresh,
    kinds,
    pending,
    submit,
    template,
    user,
    waiting,
)
from tickets.commands import execution
from tickets.commands import submit as handing
from tickets.commands.copying import copy
from tickets.commands.withdraw import withdraw
from tickets.errors import AlreadyRunning, Invalid, NotAllowed, NotFound, PlanRefused, WrongState
from tickets.models import ApprovalTask, ContentVersion, Event, NodeVisit, Ticket
from tickets.queries.detail import present

pytestmark = pytest.mark.usefixtures("world")
FORM = [{"key": "t", "type": "text", "label": "T"}]
CHAIN = [approval("first", {"manager": 1}), approval("second", {"role": "dba"})]


def resubmit(ticket, form=None, by="alice") -> Ticket:
    return handing.resubmit(number=ticket.number, actor=user(by), at=NOW, form=form)


def take_back(ticket, by="alice") -> Ticket:
    return withdraw(number=ticket.number, actor=user(by), at=NOW, comment="never mind")


@pytest.fixture
def ticket() -> Ticket:
    template(CHAIN, FORM)
    return submit(form={"t": "one"})


class TestReturn:
    def test_unchanged_and_restarted_everybody_is_asked_again(self, ticket) -> None:
        act(ticket, "bob")
        act(ticket, "dave", "return", comment="why")
        digest = fresh(ticket).content.digest
        resubmit(ticket)
        assert fresh(ticket).content.digest == digest
        assert ContentVersion.objects.filter(ticket=ticket).count() == 1
        assert waiting(ticket) == ["bob"]
        assert NodeVisit.objects.get(ticket=ticket, state="open").round == 2
        act(ticket, "bob")
        assert act(ticket, "dave").state == "completed"
        assert breaks(ticket) == []

    def test_unchanged_it_comes_back_to_who_returned_it(self, ticket) -> None:
        act(ticket, "bob")
        act(ticket, "dave", "return", comment="why", resume="here")
        resubmit(ticket)
        assert waiting(ticket) == ["dave"]
        assert act(ticket, "dave").state == "completed"
        assert breaks(ticket) == []

    def test_I05_a_changed_content_voids_every_decision(self, ticket) -> None:
        act(ticket, "bob")
        act(ticket, "dave", "return", comment="why")
        before = fresh(ticket).content
        resubmit(ticket, {"t": "two"})
        after = fresh(ticket).content
        assert (after.number, after.form) == (2, {"t": "two"})
        assert after.digest != before.digest
        assert waiting(ticket) == ["bob"]
        assert ApprovalTask.objects.get(ticket=ticket, state="approved").digest == before.digest
        assert fresh(ticket).reopen == []
        assert breaks(ticket) == []

    def test_A06_the_title_of_the_form_sent_again_is_the_same_content(self, ticket) -> None:
        act(ticket, "bob", "return", comment="why")
        resubmit(ticket, {"t": "one"})
        assert ContentVersion.objects.filter(ticket=ticket).count() == 1

    def test_an_invalid_form_changes_nothing(self, ticket) -> None:
        act(ticket, "bob", "return", comment="why")
        count = Event.objects.filter(ticket=ticket).count()
        with pytest.raises(Invalid):
            resubmit(ticket, {"t": 5})
        assert fresh(ticket).state == "returned"
        assert Event.objects.filter(ticket=ticket).count() == count

    @pytest.mark.parametrize(("who", "error"), [("bob", NotAllowed), ("dave", NotFound), ("admin", NotAllowed)])
    def test_only_the_applicant_resubmits(self, ticket, who, error) -> None:
        act(ticket, "bob", "return", comment="why")
        with pytest.raises(error):
            resubmit(ticket, by=who)

    def test_only_a_returned_ticket_is_resubmitted(self, ticket) -> None:
        with pytest.raises(WrongState):
            resubmit(ticket)

    def test_twice_returned_is_twice_resubmitted(self, ticket) -> None:
        for round_ in (1, 2, 3):
            act(ticket, "bob", "return", comment="why", resume="here")
            resubmit(ticket, {"t": f"try {round_}"})
        assert fresh(ticket).content.number == 4
        assert breaks(ticket) == []

    def test_a_host_that_is_reached_elsewhere_now_is_a_changed_content(self) -> None:
        from automation.models import Host

        ticket = submit("nginx-config-sync", NGINX)
        act(ticket, "bob")
        act(ticket, "dave", "return", comment="why", resume="here")
        Host.objects.filter(name="demo-01").update(address="10.9.9.9", connection="ssh")
        resubmit(ticket)
        assert fresh(ticket).content.number == 2
        assert waiting(ticket) == ["bob"]


class TestPlan:
    @pytest.mark.parametrize("hosts", [["nowhere"], ["demo-01", "nowhere"], ["localhost"], ["all"]])
    def test_A30_hosts_are_known_by_name_or_refused(self, hosts) -> None:
        before = Ticket.objects.count()
        with pytest.raises(PlanRefused) as refused:
            submit("nginx-config-sync", {**NGINX, "hosts": hosts})
        assert all(error["code"] == "unknown_host" for error in refused.value.errors)
        assert Ticket.objects.count() == before

    @pytest.mark.parametrize("hosts", [["*"], ["demo-01;id"], ["~demo.*"], ["demo-01", "demo-01"], "demo-01", []])
    def test_A30_patterns_never_reach_the_plan(self, hosts) -> None:
        with pytest.raises(Invalid):
            submit("nginx-config-sync", {**NGINX, "hosts": hosts})

    def test_I15_what_is_planned_is_frozen_with_the_content(self) -> None:
        from automation.models import Host

        ticket = submit("nginx-config-sync", NGINX)
        plan = ticket.content.plans["run"]
        Host.objects.filter(name="demo-01").update(address="10.9.9.9", connection="ssh")
        assert fresh(ticket).content.plans["run"] == plan
        assert plan["targets"][0]["name"] == "demo-01"
        assert plan["digest"] in str(ticket.content.plans)

    def test_a_value_that_the_action_refuses(self) -> None:
        with pytest.raises(Invalid):
            submit("nginx-config-sync", {**NGINX, "server_name": "x\nevil"})


class TestWithdraw:
    def test_I17_from_every_open_state(self) -> None:
        draft = submit("leave", LEAVE, draft=True)
        approving = submit("leave", LEAVE)
        returned = submit("leave", LEAVE)
        act(returned, "bob", "return", comment="why")
        executing = submit("nginx-config-sync", NGINX)
        act(executing, "bob")
        act(executing, "dave")
        failed = submit("nginx-config-sync", NGINX)
        act(failed, "bob")
        act(failed, "dave")
        visit = automation_visit(failed).pk
        execution.begin(visit_id=visit, job_id=1, at=NOW)
        execution.settle(visit_id=visit, job_id=1, at=NOW, ok=False, outcome="failed", hosts={})
        tickets = (draft, approving, returned, executing, failed)
        assert [fresh(ticket).state for ticket in tickets] == ["draft", "approving", "returned", "executing", "failed"]
        for ticket in tickets:
            assert take_back(ticket).state == "withdrawn"
            assert waiting(ticket) == []
            assert not NodeVisit.objects.filter(ticket=ticket, state="open").exists()
            assert fresh(ticket).finished_at == NOW
            assert kinds(ticket)[-1] == "ticket.withdrawn"
            assert breaks(ticket) == []

    def test_I17_a_withdrawn_job_never_begins(self) -> None:
        ticket = submit("nginx-config-sync", NGINX)
        act(ticket, "bob")
        act(ticket, "dave")
        visit = automation_visit(ticket)
        take_back(ticket)
        with pytest.raises(WrongState):
            execution.begin(visit_id=visit.pk, job_id=1, at=NOW)
        assert "job.started" not in kinds(ticket)

    def test_I17_a_running_job_is_not_withdrawn(self) -> None:
        ticket = submit("nginx-config-sync", NGINX)
        act(ticket, "bob")
        act(ticket, "dave")
        execution.begin(visit_id=automation_visit(ticket).pk, job_id=1, at=NOW)
        with pytest.raises(AlreadyRunning):
            take_back(ticket)
        assert fresh(ticket).state == "executing"

    def test_who_may(self, ticket) -> None:
        for who, error in (("bob", NotAllowed), ("admin", NotAllowed), ("heidi", NotFound)):
            with pytest.raises(error):
                take_back(ticket, who)
        with pytest.raises(NotFound):
            withdraw(number="NONE-1", actor=user("alice"), at=NOW)

    def test_twice(self, ticket) -> None:
        take_back(ticket)
        with pytest.raises(WrongState):
            take_back(ticket)


class TestCopy:
    def test_A33_it_carries_no_decision(self, ticket) -> None:
        act(ticket, "bob")
        again = copy(number=ticket.number, actor=user("alice"), at=NOW)
        assert (again.state, again.title, again.content.form) == ("draft", ticket.title, {"t": "one"})
        assert again.number != ticket.number
        assert not ApprovalTask.objects.filter(ticket=again).exists()
        handing.submit(number=again.number, actor=user("alice"), at=NOW)
        assert waiting(again) == ["bob"]
        assert not ApprovalTask.objects.filter(ticket=again).exclude(digest="").exists()

    def test_it_takes_what_todays_form_takes(self) -> None:
        """A field that is gone, an option that is gone, somebody who is gone; what only they showed goes with them."""
        kind = {"key": "kind", "type": "select", "label": "K", "options": ["a", "b"]}
        why = {"key": "why", "type": "text", "label": "W", "visible_when": "form.kind == 'b'"}
        who = {"key": "who", "type": "users", "label": "P"}
        template(CHAIN, [*FORM, kind, why, who, {"key": "old", "type": "text", "label": "O"}])
        ticket = submit(form={"t": "x", "kind": "b", "why": "so", "who": ["erin", "grace"], "old": "y"})
        template(CHAIN, [*FORM, {**kind, "options": ["a", "c"]}, {**why, "visible_when": "form.kind == 'c'"}, who])
        User.objects.filter(username="grace").update(is_active=False)
        assert copy(number=ticket.number, actor=user("alice"), at=NOW).content.form == {"t": "x"}

    def test_I23_who_may(self, ticket) -> None:
        for who, error in (("bob", NotAllowed), ("admin", NotAllowed), ("heidi", NotFound)):
            with pytest.raises(error):
                copy(number=ticket.number, actor=user(who), at=NOW)
            assert "copy" not in present(ticket, user(who), NOW)["allowed_actions"]
        assert not Ticket.objects.filter(applicant__username__in=["bob", "admin", "heidi"]).exists()


def test_A11_a_template_republished_under_way_changes_nothing(ticket) -> None:
    template([{"node": "tell", "type": "cc", "to": [{"applicant": True}]}], FORM)
    act(ticket, "bob")
    assert waiting(ticket) == ["dave"]


def test_A26_people_are_chosen_when_their_node_opens(ticket) -> None:
    """Of a node that is already open nobody is taken away or added by a changed role."""
    act(ticket, "bob")
    seat = pending(ticket, "dave")
    user("dave").roles.through.objects.filter(user=user("dave")).delete()
    assert act(ticket, "dave").state == "completed"
    assert seat.assignee.username == "dave"


def test_numbers_carry_the_companys_day_and_the_prefix() -> None:
    from datetime import UTC, datetime

    late = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)  # half past midnight in Shanghai
    ticket = submit("leave", LEAVE, at=late)
    prefix, day, count = ticket.number.split("-")
    assert (prefix, day) == ("LEV", "20261121")
    assert len(count) >= 4
    template(CHAIN, key="plain")
    assert submit("plain").number.startswith("REQ-")


def test_a_ticket_without_a_title_is_called_as_its_template() -> None:
    assert submit("leave", LEAVE).title.startswith(("请假", "Leave"))
    assert submit("leave", LEAVE, title="My leave").title == "My leave"


def test_somebody_without_manager_or_department_can_apply() -> None:
    User.objects.create(username="lonely", name="Lonely")
    ticket = submit("leave", LEAVE, by="lonely")
    assert waiting(ticket) == ["admin"]
    assert act(ticket, "admin").state == "completed"
    assert breaks(ticket) == []


def test_what_an_action_refuses_is_named_at_its_field(world) -> None:
    with pytest.raises(PlanRefused) as refused:
        submit("nginx-config-sync", {**NGINX, "hosts": ["demo-01", "gone"], "upstream": "10.0.0.8:8080"})
    assert [(f["path"], f["code"]) for f in refused.value.errors] == [("form.hosts[1]", "unknown_host")]


def test_the_simulation_says_what_an_action_would_refuse(world) -> None:
    version = usable_template(user("alice"), "nginx-config-sync")
    answer = simulate(version.pk, form={**NGINX, "hosts": ["gone"]}, applicant=user("alice"))
    assert [(f["path"], f["code"]) for f in answer["errors"]] == [("form.hosts[0]", "unknown_host")]
    assert answer["plans"] == []
    right = simulate(version.pk, form=NGINX, applicant=user("alice"))
    assert [plan["action"] for plan in right["plans"]] == ["nginx.sync_config"]
