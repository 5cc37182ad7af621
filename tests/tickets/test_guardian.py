"""Tickets that nobody can move: corrected, or reported once, listed, and moved by an administrator (I10, F40)."""

import pytest

from accounts.models import RoleMember, User
from tests.api.calls import Api, codes
from tests.factories import (
    HOST,
    HOSTS,
    NOW,
    act,
    approval,
    begin,
    fresh,
    give_role,
    kinds,
    last_event,
    move,
    opened,
    reassign,
    restart,
    submit,
    template,
    visit,
    waiting,
)
from tickets.background.guardian import sweep
from tickets.models import Event

pytestmark = pytest.mark.usefixtures("sound")


def leave(*names: str) -> None:
    User.objects.filter(username__in=names).update(is_active=False)


def listed() -> list[str]:
    return [row["number"] for row in Api("admin").get("tickets", stuck="true").json()["results"]]


def started(*rules, **more):
    template([approval("a", *rules, **more), restart()], [HOSTS])
    return submit(form=HOST)


BLOCKED = {"on_empty": "block"}


class TestWhoLeft:
    def test_goes_up(self) -> None:
        ticket = started({"user": "dave"})
        leave("dave")
        assert listed() == [ticket.number]
        assert sweep(NOW) == 1
        assert waiting(ticket) == ["carol"]
        assert last_event(ticket, "task.escalated")["from"] == ["dave"]
        assert listed() == []
        assert sweep(NOW) == 0
        act(ticket, "carol")
        assert begin(ticket)

    def test_nobody_is_disturbed_where_all_are_there(self) -> None:
        ticket = started({"user": "dave"})
        before = fresh(ticket).event_seq
        assert sweep(NOW) == 0
        assert fresh(ticket).event_seq == before

    def test_I04_one_of_several_who_left(self) -> None:
        """`all` needs every seat: the one who left is replaced, the others stay."""
        ticket = started({"user": "dave"}, {"user": "erin"}, mode="all")
        leave("dave")
        assert sweep(NOW) == 1
        assert waiting(ticket) == ["carol", "erin"]
        act(ticket, "carol")
        act(ticket, "erin")
        assert begin(ticket)

    def test_I04_above_him_sits_one_who_is_asked_already(self) -> None:
        ticket = started({"user": "dave"}, {"user": "carol"}, mode="all")
        leave("dave")
        sweep(NOW)
        assert waiting(ticket) == ["bob", "carol"]

    def test_I04_above_him_waits_the_next_of_a_sequence(self) -> None:
        template([approval("a", {"managers_up_to": 2})])
        ticket = submit()
        User.objects.filter(username="bob").update(is_active=False)
        sweep(NOW)
        act(ticket, "admin")
        assert act(ticket, "carol").state == "completed"

    def test_added_signatures_stay(self) -> None:
        ticket = started({"user": "dave"})
        move(ticket, "dave", "add_sign", "frank", position="with")
        leave("dave")
        sweep(NOW)
        assert waiting(ticket) == ["carol", "frank"]
        act(ticket, "carol")
        assert fresh(ticket).state == "approving"
        act(ticket, "frank")
        assert begin(ticket)

    def test_an_added_one_who_left(self) -> None:
        ticket = started({"user": "dave"})
        move(ticket, "dave", "add_sign", "frank", position="before")
        leave("frank")
        sweep(NOW)
        assert waiting(ticket) == ["carol", "dave"]
        act(ticket, "carol")
        act(ticket, "dave")
        assert begin(ticket)

    def test_a_confirmation(self) -> None:
        template([{"node": "c", "type": "confirm", "assignees": [{"user": "dave"}]}])
        ticket = submit()
        leave("dave")
        sweep(NOW)
        assert waiting(ticket) == ["carol"]
        assert act(ticket, "carol", "confirm").state == "completed"

    def test_everybody_is_gone_and_it_is_told_once(self) -> None:
        ticket = started({"user": "dave"})
        User.objects.exclude(username="alice").update(is_active=False)
        for _again in range(3):
            sweep(NOW)
        assert kinds(ticket).count("ticket.stuck") == 1
        assert waiting(ticket) == ["dave"]
        User.objects.filter(username="admin").update(is_active=True)
        assert listed() == [ticket.number]
        sweep(NOW)
        assert waiting(ticket) == ["admin"]
        assert listed() == []


class TestNobody:
    def test_it_is_told_listed_and_reassigned(self) -> None:
        give_role("empty")
        ticket = started({"role": "empty"}, **BLOCKED)
        assert (waiting(ticket), opened(ticket)) == ([], ["a"])
        assert kinds(ticket).count("ticket.stuck") == 1
        for _again in range(3):
            sweep(NOW)
        assert kinds(ticket).count("ticket.stuck") == 1
        assert listed() == [ticket.number]
        reassign(ticket, "a", "dave")
        assert listed() == []
        act(ticket, "dave")
        assert begin(ticket)

    def test_a_mended_organisation_is_picked_up_by_itself(self) -> None:
        give_role("empty")
        ticket = started({"role": "empty"}, **BLOCKED)
        give_role("empty", "erin")
        assert sweep(NOW) == 1
        assert waiting(ticket) == ["erin"]
        assert visit(ticket, "a").outcome == ""
        act(ticket, "erin")
        assert begin(ticket)

    def test_I03_mended_with_the_applicant_alone_is_not_mended(self) -> None:
        give_role("empty")
        ticket = started({"role": "empty"}, **BLOCKED)
        give_role("empty", "alice")
        sweep(NOW)
        assert waiting(ticket) != ["alice"]

    def test_F40_a_role_that_is_emptied_while_it_waits(self) -> None:
        """The seat is given already: who loses the role keeps it, who leaves does not."""
        ticket = started({"role": "dba"}, **BLOCKED)
        RoleMember.objects.filter(role__key="dba").delete()
        assert sweep(NOW) == 0
        assert waiting(ticket) == ["dave"]
        leave("dave")
        sweep(NOW)
        assert waiting(ticket) == ["carol"]

    def test_stuck_again_after_a_return_is_told_again(self) -> None:
        give_role("empty", "dave")
        template([approval("a", {"user": "bob"}), approval("b", {"role": "empty"}, **BLOCKED)])
        ticket = submit()
        act(ticket, "bob")
        act(ticket, "dave", "return", to="a", comment="?")
        RoleMember.objects.filter(role__key="empty").delete()
        act(ticket, "bob")
        assert last_event(ticket, "ticket.stuck")["round"] == 2
        assert listed() == [ticket.number]

    def test_one_that_fails_stops_no_other(self, monkeypatch) -> None:
        from tickets.background import guardian

        first, second = started({"user": "dave"}), submit(form=HOST)
        leave("dave")
        real = guardian.mend

        def failing(visit_id, at):
            if visit_id == visit(first, "a").pk:
                raise RuntimeError("broken row")
            real(visit_id=visit_id, at=at)

        monkeypatch.setattr(guardian, "mend", failing)
        assert sweep(NOW) == 2
        assert (waiting(first), waiting(second)) == (["dave"], ["carol"])


class TestSequence:
    @pytest.fixture
    def ticket(self):
        """bob has signed; dave, who was next, and everybody above are gone."""
        ticket = started({"user": "bob"}, {"user": "dave"}, mode="sequence")
        User.objects.exclude(username__in=["alice", "bob"]).update(is_active=False)
        act(ticket, "bob")
        for _again in range(3):
            sweep(NOW)
        assert kinds(ticket).count("ticket.stuck") == 1
        assert (waiting(ticket), opened(ticket)) == ([], ["a"])
        User.objects.filter(username__in=["admin", "erin"]).update(is_active=True)
        return ticket

    def test_F40_somebody_above_who_comes_back_is_asked(self, ticket) -> None:
        assert listed() == [ticket.number]
        sweep(NOW)
        assert waiting(ticket) == ["admin"]
        act(ticket, "admin")
        assert begin(ticket)

    def test_or_it_is_reassigned(self, ticket) -> None:
        reassign(ticket, "a", "erin")
        act(ticket, "erin")
        assert begin(ticket)


class TestReturned:
    """To an applicant who has left: nobody will hand it in again."""

    @pytest.fixture
    def ticket(self):
        ticket = started({"user": "dave"})
        act(ticket, "dave", "return", comment="why")
        leave("alice")
        return ticket

    def test_F40_it_is_listed_and_told_once(self, ticket) -> None:
        assert listed() == [ticket.number]
        assert [sweep(NOW), sweep(NOW)] == [1, 0]
        assert kinds(ticket).count("ticket.stuck") == 1
        assert last_event(ticket, "ticket.stuck")["node"] == "a"
        User.objects.filter(username="alice").update(is_active=True)
        assert listed() == []

    def test_stuck_before_it_was_returned_it_is_told_again(self) -> None:
        give_role("empty")
        ticket = started({"role": "empty"}, **BLOCKED)
        reassign(ticket, "a", "dave")
        act(ticket, "dave", "return", comment="why")
        assert sweep(NOW) == 0
        leave("alice")
        sweep(NOW)
        assert kinds(ticket).count("ticket.stuck") == 2

    def test_a_draft_waits_for_nobody(self) -> None:
        template([approval("a", {"user": "dave"})])
        ticket = submit(draft=True)
        leave("alice")
        assert (listed(), sweep(NOW)) == ([], 0)
        assert Api("admin").post(f"tickets/{ticket.number}/withdraw", {"comment": "gone"}).status_code == 404  # I23

    @pytest.mark.parametrize("state", ["approving", "returned"])
    def test_F40_an_administrator_withdraws_it_and_says_why(self, state) -> None:
        template([approval("a", {"user": "dave"})])
        ticket = submit()
        if state == "returned":
            act(ticket, "dave", "return", comment="why")
        path, admin = f"tickets/{ticket.number}", Api("admin")
        assert "withdraw" not in admin.get(path).json()["allowed_actions"]
        assert admin.post(f"{path}/withdraw", {"comment": "gone"}).status_code == 403
        leave("alice")
        assert "withdraw" in admin.get(path).json()["allowed_actions"]
        assert codes(admin.post(f"{path}/withdraw")) == {("comment", "required")}
        assert admin.post(f"{path}/withdraw", {"comment": "gone"}).json()["state"] == "withdrawn"
        told = Event.objects.get(ticket=ticket, kind="ticket.withdrawn")
        assert (told.actor.username, told.data["comment"]) == ("admin", "gone")
        assert listed() == []
        assert Api("dave").post(f"{path}/withdraw", {"comment": "x"}).status_code in (403, 404)


class TestTheList:
    def test_I23_only_what_one_may_see(self) -> None:
        ticket = started({"user": "dave"})
        leave("dave")
        for who, seen in [("alice", [ticket.number]), ("heidi", []), ("admin", [ticket.number])]:
            rows = Api(who).get("tickets", stuck="true").json()["results"]
            assert [row["number"] for row in rows] == seen

    def test_one_of_two_branches_is_enough(self) -> None:
        from tests.factories import parallel

        template([parallel("fork", [approval("a", {"user": "dave"})], [approval("b", {"user": "bob"})])])
        ticket = submit()
        leave("dave")
        assert listed() == [ticket.number]

    def test_jobs_waits_and_children_are_not_stuck(self) -> None:
        template([{"node": "w", "type": "wait", "for": "2h"}])
        submit()
        started({"user": "bob"})
        assert listed() == []
        assert sweep(NOW) == 0

    def test_I26_a_word_that_is_no_answer(self) -> None:
        assert Api("admin").get("tickets", stuck="perhaps").status_code in (400, 422)
