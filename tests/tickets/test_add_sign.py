"""加签、减签: signatures are added before, after or with a seat, and taken away (I03, I04, A47)."""

import pytest

from accounts.models import User
from tests.factories import NOW, act, fresh, last_event, move, pending, user, visit, waiting
from tests.tickets.seats import ALL, refused, row, runs, started
from tickets.commands import signers
from tickets.errors import Invalid, TaskAlreadyDecided, WrongState

pytestmark = pytest.mark.usefixtures("sound")


class TestAddSign:
    def test_before_they_are_asked_first(self) -> None:
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", "dave", position="before", comment="please look")
        assert waiting(ticket) == ["bob", "carol", "dave"]
        act(ticket, "carol")
        assert "approve" not in row(ticket, "bob")["allowed_actions"]
        with pytest.raises(WrongState):
            act(ticket, "bob")
        act(ticket, "dave")
        assert "approve" in row(ticket, "bob")["allowed_actions"]
        act(ticket, "bob")
        runs(ticket)

    @pytest.mark.parametrize("verb", ["return", "veto"])
    def test_before_does_not_hold_up_a_return(self, verb) -> None:
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position="before")
        assert act(ticket, "bob", verb, comment="no").state in ("returned", "vetoed")
        assert waiting(ticket) == []

    def test_after_they_are_asked_then(self) -> None:
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position="after")
        assert waiting(ticket) == ["bob"]
        act(ticket, "bob")
        assert waiting(ticket) == ["carol"]
        assert row(ticket, "carol")["position"] == "after"
        act(ticket, "carol")
        runs(ticket)

    def test_with_both_are_needed(self) -> None:
        for order in (["bob", "carol"], ["carol", "bob"]):
            ticket = started("bob")
            move(ticket, "bob", "add_sign", "carol", position="with")
            assert waiting(ticket) == ["bob", "carol"]
            act(ticket, order[0])
            assert fresh(ticket).state == "approving"
            act(ticket, order[1])
            runs(ticket)

    def test_the_rows_say_to_whom_and_where(self) -> None:
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position="before")
        added = row(ticket, "carol")
        assert (added["added_to"], added["position"]) == (pending(ticket, "bob").pk, "before")
        assigned = last_event(ticket, "task.assigned")["assignees"]
        assert [(a["username"], a["added_to"], a["position"]) for a in assigned] == [("carol", "bob", "before")]

    @pytest.mark.parametrize("position", ["before", "after", "with"])
    def test_the_added_one_adds_again(self, position) -> None:
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position=position)
        if position == "after":
            act(ticket, "bob")
        move(ticket, "carol", "add_sign", "dave", position=position)
        for _yes in range(3):
            if fresh(ticket).state != "approving":
                break
            able = [who for who in waiting(ticket) if "approve" in row(ticket, who)["allowed_actions"]]
            act(ticket, able[0])
        assert {t.assignee.username for t in ticket.tasks.filter(state="approved")} == {"bob", "carol", "dave"}
        runs(ticket)

    def test_any_is_complete_with_the_other_seat(self) -> None:
        ticket = started("bob", "erin")
        move(ticket, "bob", "add_sign", "carol", position="with")
        act(ticket, "bob")
        assert fresh(ticket).state == "approving"
        act(ticket, "erin")
        runs(ticket)

    @pytest.mark.parametrize("position", ["before", "after", "with"])
    def test_a_sequence_asks_the_added_one_before_the_next(self, position) -> None:
        ticket = started("bob", "dave", mode="sequence")
        move(ticket, "bob", "add_sign", "carol", position=position)
        order = {"before": ["carol", "bob"], "after": ["bob", "carol"], "with": ["bob", "carol"]}[position]
        for who in [*order, "dave"]:
            assert who in waiting(ticket)
            assert ("dave" in waiting(ticket)) is (who == "dave")
            act(ticket, who)
        runs(ticket)

    def test_after_at_the_last_of_a_sequence(self) -> None:
        ticket = started("bob", "dave", mode="sequence")
        act(ticket, "bob")
        move(ticket, "dave", "add_sign", "carol", position="after")
        act(ticket, "dave")
        assert waiting(ticket) == ["carol"]
        act(ticket, "carol")
        runs(ticket)

    def test_a_ratio_counts_base_seats_only(self) -> None:
        ticket = started("bob", "dave", "erin", "frank", mode={"ratio": 0.5})
        move(ticket, "bob", "add_sign", "carol", "grace", position="with")
        for who in ("carol", "grace", "dave"):
            act(ticket, who)
            assert fresh(ticket).state == "approving"
        act(ticket, "bob")
        runs(ticket)

    def test_all_waits_for_after_of_each(self) -> None:
        ticket = started("bob", "dave", **ALL)
        move(ticket, "bob", "add_sign", "carol", position="after")
        act(ticket, "dave")
        act(ticket, "bob")
        assert waiting(ticket) == ["carol"]
        act(ticket, "carol")
        runs(ticket)

    @pytest.mark.parametrize("position", ["before", "after", "with"])
    def test_I03_I04_nobody_twice_and_never_the_applicant(self, position) -> None:
        ticket = started("bob", "dave", **ALL)
        move(ticket, "bob", "add_sign", "carol", position=position)
        for code, whom in [("not_allowed", "alice"), ("second_seat", "bob"), ("second_seat", "dave"),
                           ("second_seat", "carol"), ("unknown_user", "nobody")]:  # fmt: skip
            refused(code, ticket, "bob", "add_sign", whom, position=position)
            refused(code, ticket, "dave", "add_sign", whom, position="before")

    def test_A47_a_step_seats_so_many(self, monkeypatch) -> None:
        monkeypatch.setattr("tickets.commands.candidates.MOST_SEATS", 3)
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", "dave", position="with")
        with pytest.raises(Invalid) as refused:
            move(ticket, "bob", "add_sign", "erin", position="after")
        assert [error["code"] for error in refused.value.errors] == ["too_many_seats"]

    def test_a_transfer_takes_the_added_signatures_along(self) -> None:
        for position in ("before", "with", "after"):
            ticket = started("bob")
            move(ticket, "bob", "add_sign", "carol", position=position)
            move(ticket, "bob", "transfer", "erin")
            order = ["carol", "erin"] if position == "before" else ["erin", "carol"]
            for who in order:
                assert fresh(ticket).state == "approving"
                act(ticket, who)
            runs(ticket)

    def test_an_added_seat_is_transferred(self) -> None:
        for position in ("before", "with"):
            ticket = started("bob", mode="any")
            move(ticket, "bob", "add_sign", "carol", position=position)
            move(ticket, "carol", "transfer", "dave")
            assert row(ticket, "dave")["position"] == position
            act(ticket, "dave")
            assert fresh(ticket).state == "approving"
            act(ticket, "bob")
            runs(ticket)

    def test_an_added_one_who_left_before_his_turn_is_dropped_and_said(self) -> None:
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", "dave", position="after")
        User.objects.filter(username="carol").update(is_active=False)
        act(ticket, "bob")
        assert waiting(ticket) == ["dave"]
        assert last_event(ticket, "task.sign_removed")["users"] == ["carol"]
        act(ticket, "dave")
        runs(ticket)

    def test_when_all_added_after_have_left_the_step_is_done(self) -> None:
        ticket = started("bob", "erin", mode="sequence")
        move(ticket, "bob", "add_sign", "carol", position="after")
        User.objects.filter(username="carol").update(is_active=False)
        act(ticket, "bob")
        assert waiting(ticket) == ["erin"]
        act(ticket, "erin")
        runs(ticket)

    def test_the_veto_of_an_added_one_ends_it(self) -> None:
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position="with")
        assert act(ticket, "carol", "veto").state == "vetoed"


class TestRemoveSign:
    @pytest.mark.parametrize("position", ["before", "after", "with"])
    def test_the_signature_is_not_wanted_any_more(self, position) -> None:
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position=position)
        move(ticket, "bob", "remove_sign", "carol")
        assert waiting(ticket) == ["bob"]
        assert "remove_sign" not in row(ticket, "bob")["allowed_actions"]
        act(ticket, "bob")
        runs(ticket)

    def test_a_removal_never_follows_the_adders_own_yes(self) -> None:
        """Whoever has signed holds no open seat: nothing of his is left to change (I08)."""
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position="with")
        task = pending(ticket, "bob").pk
        act(ticket, "bob")
        with pytest.raises(TaskAlreadyDecided):
            signers.remove_sign(task_id=task, actor=user("bob"), at=NOW, users=["carol"], channel="web")

    def test_a_removal_completes_the_visit(self) -> None:
        """erin's seat is done but for a signature; her own is added to bob's, who takes it back."""
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position="with")
        move(ticket, "carol", "add_sign", "dave", position="with")
        act(ticket, "bob")
        move(ticket, "carol", "remove_sign", "dave")
        act(ticket, "carol")
        runs(ticket)

    def test_below_it_everything_goes(self) -> None:
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position="with")
        move(ticket, "carol", "add_sign", "dave", position="with")
        move(ticket, "carol", "add_sign", "erin", position="after")
        move(ticket, "bob", "remove_sign", "carol")
        assert waiting(ticket) == ["bob"]
        assert visit(ticket, "a").queue == []
        act(ticket, "bob")
        runs(ticket)

    def test_a_signature_given_below_a_removed_one_does_not_hold_it_up(self) -> None:
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position="with")
        move(ticket, "carol", "add_sign", "dave", position="with")
        act(ticket, "dave")
        move(ticket, "bob", "remove_sign", "carol")
        act(ticket, "bob")
        runs(ticket)

    def test_what_hangs_below_a_given_signature_goes_as_well(self) -> None:
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position="with")
        move(ticket, "carol", "add_sign", "dave", position="with")
        move(ticket, "dave", "add_sign", "erin", position="with")
        act(ticket, "dave")
        move(ticket, "bob", "remove_sign", "carol")
        assert waiting(ticket) == ["bob"]
        act(ticket, "bob")
        runs(ticket)

    def test_only_what_one_asked_for_and_what_is_not_given(self) -> None:
        ticket = started("bob", "erin", **ALL)
        move(ticket, "bob", "add_sign", "carol", "dave", position="with")
        act(ticket, "carol")
        refused("not_added", ticket, "bob", "remove_sign", "carol")
        refused("not_added", ticket, "bob", "remove_sign", "erin")
        refused("not_added", ticket, "bob", "remove_sign", "dave", "bob")
        with pytest.raises(WrongState):
            move(ticket, "erin", "remove_sign", "dave")

    def test_and_may_be_added_again(self) -> None:
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position="with")
        move(ticket, "bob", "remove_sign", "carol")
        move(ticket, "bob", "add_sign", "carol", position="before")
        act(ticket, "carol")
        act(ticket, "bob")
        runs(ticket)
