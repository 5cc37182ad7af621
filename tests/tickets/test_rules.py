"""Assignees are determined when the step opens, by the organisation at that moment (I03, I04, I26, F40)."""

import pytest

from accounts.models import Department, RoleMember, User
from templates_engine.text import localize
from tests.factories import (
    HOST,
    HOSTS,
    act,
    approval,
    begin,
    fresh,
    give_role,
    last_event,
    opened,
    person,
    restart,
    resubmit,
    submit,
    template,
    user,
    visit,
    waiting,
)
from tickets.commands import submit as handing
from tickets.errors import Invalid
from tickets.models import ApprovalTask, Participant

pytestmark = pytest.mark.usefixtures("sound")
TEAM = {"key": "team", "type": "users", "label": {"zh": "成员", "en": "Team"}}
OWNER = {"key": "owner", "type": "user", "label": "Owner"}


def second(*rules, form=(), values=None, **more):
    """bob first, then these rules."""
    template([approval("a", {"user": "bob"}), approval("b", *rules, **more)], list(form))
    return submit(form=values or {})


def asked(ticket) -> list[str]:
    act(ticket, "bob")
    return waiting(ticket)


class TestOfTheMoment:
    def test_F40_a_role_emptied_meanwhile_goes_up(self) -> None:
        ticket = second({"role": "dba"})
        RoleMember.objects.filter(role__key="dba").delete()
        assert asked(ticket) == ["bob"]  # alice's manager
        assert "bob" in waiting(ticket)

    def test_F40_a_role_filled_meanwhile(self) -> None:
        ticket = second({"role": "dba"})
        give_role("dba", "heidi")
        assert asked(ticket) == ["dave", "heidi"]

    def test_F40_a_person_who_left_between(self) -> None:
        ticket = second({"user": "dave"}, {"user": "erin"}, mode="all")
        User.objects.filter(username="dave").update(is_active=False)
        assert asked(ticket) == ["erin"]

    def test_a_new_manager_meanwhile(self) -> None:
        ticket = second({"manager": 1})
        User.objects.filter(username="alice").update(manager=user("frank"))
        assert asked(ticket) == ["frank"]

    def test_a_manager_who_left_is_skipped(self) -> None:
        template([approval("a", {"manager": 1})])
        User.objects.filter(username="bob").update(is_active=False)
        assert waiting(submit()) == ["carol"]

    def test_A03_A11_the_applicant_added_to_the_role_meanwhile(self) -> None:
        ticket = second({"role": "dba"}, mode="all")
        give_role("dba", "alice")
        assert asked(ticket) == ["dave"]

    def test_A03_the_applicant_alone_in_the_role(self) -> None:
        ticket = second({"role": "dba"})
        RoleMember.objects.filter(role__key="dba").delete()
        give_role("dba", "alice")
        assert asked(ticket) == ["bob"]

    def test_F40_the_next_of_a_sequence_who_left(self) -> None:
        template([approval("a", {"user": "bob"}, {"user": "dave"}, {"user": "erin"}, mode="sequence")])
        ticket = submit()
        User.objects.filter(username="dave").update(is_active=False)
        act(ticket, "bob")
        assert waiting(ticket) == ["erin"]
        assert last_event(ticket, "task.assigned")["gone"] == ["dave"]

    def test_F40_I13_all_the_rest_of_a_sequence_left_and_it_goes_up(self) -> None:
        template([approval("a", {"user": "bob"}, {"user": "dave"}, mode="sequence"), restart()], [HOSTS])
        ticket = submit(form=HOST)
        User.objects.filter(username="dave").update(is_active=False)
        act(ticket, "bob")
        assert waiting(ticket) == ["carol"]
        act(ticket, "carol")
        assert begin(ticket)


class TestEachRule:
    def test_form_user(self) -> None:
        ticket = second({"form_user": "team"}, form=[TEAM], values={"team": ["erin", "dave"]}, mode="sequence")
        assert asked(ticket) == ["erin"]
        task = ApprovalTask.objects.get(ticket=ticket, assignee__username="erin")
        assert "成员" in localize(task.reason, "zh")
        assert "Team" in localize(task.reason, "en")
        act(ticket, "erin")
        assert waiting(ticket) == ["dave"]

    def test_I03_form_user_naming_the_applicant(self) -> None:
        ticket = second({"form_user": "owner"}, form=[OWNER], values={"owner": "alice"})
        assert asked(ticket) == ["bob"]

    def test_form_user_left_empty_goes_up(self) -> None:
        ticket = second({"form_user": "owner"}, form=[OWNER])
        assert asked(ticket) == ["bob"]

    @pytest.mark.parametrize(("names", "expected"), [
        (["erin"], ["erin"]), (["erin", "dave"], ["dave", "erin"]), ([], ["bob"]), (["nobody"], ["bob"]),
    ])  # fmt: skip
    def test_expression(self, names, expected) -> None:
        listed = "[" + ", ".join(f"'{name}'" for name in names) + "]"
        ticket = second({"expression": f"size(filled) >= 0 ? {listed} : ['carol']"})
        assert asked(ticket) == expected

    def test_I26_an_expression_that_fails_never_passes(self) -> None:
        """Division by zero at run time: the rule fails, on_empty: approve is not asked."""
        count = {"key": "n", "type": "number", "label": "N", "required": True}
        ticket = second({"expression": "1 / form.n > 0 ? ['dave'] : ['erin']"}, form=[count], values={"n": 0},
                        on_empty="approve")  # fmt: skip
        assert asked(ticket) == ["bob"]
        task = ApprovalTask.objects.get(ticket=ticket, state="pending")
        assert "evaluat" in localize(task.reason, "en")

    def test_role_of_a_department_and_those_above(self) -> None:
        give_role("lead", "heidi", "carol", "erin")
        rule = {"role": "lead", "of": "applicant.department"}
        assert asked(second(rule)) == ["heidi"]
        RoleMember.objects.filter(user=user("heidi")).delete()
        assert asked(second(rule)) == ["carol"]  # in dev, above platform
        RoleMember.objects.filter(user=user("carol")).delete()
        assert asked(second(rule)) == ["bob"]  # nobody up to the company: escalated

    def test_managers_up_to_asks_one_after_the_other(self) -> None:
        template([approval("a", {"managers_up_to": 3})])
        ticket = submit()
        for who in ("bob", "carol"):
            assert waiting(ticket) == [who]
            act(ticket, who)
        assert fresh(ticket).state == "completed"

    def test_department_head(self) -> None:
        assert asked(second({"department_head": 2})) == ["carol"]
        Department.objects.filter(key="dev").update(head=None)
        assert asked(second({"department_head": 2})) == ["bob"]

    def test_I04_the_same_person_by_two_rules_sits_once(self) -> None:
        ticket = second({"user": "dave"}, {"role": "dba"}, {"form_user": "owner"}, form=[OWNER], mode="all",
                        values={"owner": "dave"})  # fmt: skip
        assert asked(ticket) == ["dave"]
        assert act(ticket, "dave").state == "completed"


class TestChosen:
    CHAIN = [approval("a", {"user": "bob"}), approval("b", {"chosen_by": "applicant"}, mode="sequence")]

    def refused(self, chosen) -> set:
        with pytest.raises(Invalid) as found:
            submit(chosen=chosen)
        return {(error["path"], error["code"]) for error in found.value.errors}

    def test_they_sit_in_the_chosen_order(self) -> None:
        template(self.CHAIN)
        ticket = submit(chosen={"b": ["erin", "dave"]})
        assert asked(ticket) == ["erin"]
        act(ticket, "erin")
        assert waiting(ticket) == ["dave"]

    def test_what_is_refused(self) -> None:
        template(self.CHAIN)
        assert self.refused(None) == {("chosen.b", "must_choose")}
        assert self.refused({}) == {("chosen.b", "must_choose")}
        assert self.refused({"b": []}) == {("chosen.b", "must_choose")}
        assert self.refused({"b": ["erin", "nobody"]}) == {("chosen.b[1]", "unknown_user")}
        assert self.refused({"b": ["alice"]}) == {("chosen.b", "not_yourself")}
        assert self.refused({"b": ["erin"], "a": ["erin"]}) == {("chosen.a", "nothing_to_choose")}
        assert self.refused({"b": ["erin"], "none": ["erin"]}) == {("chosen.none", "nothing_to_choose")}
        User.objects.filter(username="dave").update(is_active=False)
        assert self.refused({"b": ["dave"]}) == {("chosen.b[0]", "unknown_user")}

    def test_kept_on_resubmit(self) -> None:
        template(self.CHAIN)
        ticket = submit(chosen={"b": ["erin"]})
        act(ticket, "bob", "return", comment="?")
        resubmit(ticket)
        assert fresh(ticket).content.number == 1
        assert asked(ticket) == ["erin"]

    def test_I05_changed_on_resubmit_is_another_content(self) -> None:
        template(self.CHAIN)
        ticket = submit(chosen={"b": ["erin"]})
        old = fresh(ticket).content.digest
        act(ticket, "bob", "return", comment="?", resume="here")
        resubmit(ticket, chosen={"b": ["dave"]})
        assert fresh(ticket).content.digest != old
        assert asked(ticket) == ["dave"]

    def test_a_draft_chooses_later(self) -> None:
        template(self.CHAIN)
        ticket = submit(draft=True)
        with pytest.raises(Invalid):
            handing.submit(number=ticket.number, actor=user("alice"), at=ticket.created_at)
        handing.submit(number=ticket.number, actor=user("alice"), at=ticket.created_at, chosen={"b": ["erin"]})
        assert asked(ticket) == ["erin"]

    def test_F40_the_chosen_one_left_meanwhile(self) -> None:
        template(self.CHAIN)
        ticket = submit(chosen={"b": ["erin"]})
        User.objects.filter(username="erin").update(is_active=False)
        assert asked(ticket) == ["bob"]

    def test_off_the_way_nobody_need_be_chosen(self) -> None:
        way = {"node": "way", "type": "branch", "cases": [
            {"when": "form.big", "chain": [approval("b", {"chosen_by": "applicant"})]},
            {"otherwise": True, "chain": [approval("c", {"user": "carol"})]}]}  # fmt: skip
        template([way], [{"key": "big", "type": "switch", "label": "B"}])
        assert waiting(submit(form={"big": False})) == ["carol"]
        with pytest.raises(Invalid):
            submit(form={"big": True})


class TestMany:
    @pytest.fixture
    def crowd(self):
        people = [User(username=f"p{i:03}", name=f"P{i}") for i in range(201)]
        User.objects.bulk_create(people)
        give_role("crowd")
        from accounts.models import Role

        role = Role.objects.get(key="crowd")
        made = list(User.objects.filter(username__startswith="p", name__startswith="P").order_by("username"))
        RoleMember.objects.bulk_create([RoleMember(role=role, user=one) for one in made[:200]])
        return role, made

    def test_200_people_are_asked(self, crowd) -> None:
        template([approval("a", {"role": "crowd"}, mode={"ratio": 0.01})])
        ticket = submit()
        assert len(waiting(ticket)) == 200
        act(ticket, "p000")
        assert fresh(ticket).state == "approving"
        act(ticket, "p199")
        assert fresh(ticket).state == "completed"
        assert ApprovalTask.objects.filter(ticket=ticket, state="cancelled").count() == 198
        assert Participant.objects.filter(ticket=ticket, kind="approver").count() == 200

    def test_I10_201_are_blocked_and_it_is_said(self, crowd) -> None:
        role, made = crowd
        RoleMember.objects.create(role=role, user=made[200])
        template([approval("a", {"role": "crowd"})])
        ticket = submit()
        assert waiting(ticket) == []
        assert opened(ticket) == ["a"]
        assert visit(ticket, "a").outcome == "stuck"
        assert "201" in localize(last_event(ticket, "ticket.stuck")["problem"], "en")


def test_copies_are_told_by_the_organisation_of_the_moment() -> None:
    person("newcomer")
    tell = {"node": "tell", "type": "cc", "to": [{"role": "dba"}]}
    template([approval("a", {"user": "bob"}), tell])
    ticket = submit()
    give_role("dba", "newcomer")
    act(ticket, "bob")
    assert last_event(ticket, "ticket.copied")["users"] == ["dave", "newcomer"]


def test_I13_the_organisation_that_changes_does_not_make_the_executor_doubt() -> None:
    template([approval("a", {"role": "sre"}, mode="all"), restart()], [HOSTS])
    ticket = submit(form=HOST)
    give_role("sre", "heidi")
    for who in ("erin", "grace"):
        act(ticket, who)
    assert begin(ticket)
