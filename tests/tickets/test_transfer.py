"""转交: another person decides instead (I03, I04, I10, I11, A01, A03, F40)."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from tests.factories import HOUR, NOW, act, fresh, last_event, move, pending, proxy, submit, template, user, waiting
from tests.tickets.seats import ALL, people, refused, row, runs, started
from tickets.commands import signers
from tickets.errors import Invalid, NotFound, NotYourTask, OwnTicket, TaskAlreadyDecided, WrongState
from tickets.models import ApprovalTask

pytestmark = pytest.mark.usefixtures("sound")


class TestTransfer:
    def test_the_new_one_decides_instead(self) -> None:
        ticket = started("bob")
        move(ticket, "bob", "transfer", "carol", comment="yours")
        assert waiting(ticket) == ["carol"]
        with pytest.raises(TaskAlreadyDecided):
            signers.transfer(task_id=ticket.tasks.first().pk, actor=user("bob"), at=NOW, users=["dave"], channel="web")
        event = last_event(ticket, "task.transferred")
        assert (event["assignee"], event["users"], event["comment"]) == ("bob", ["carol"], "yours")
        assert "yours" in row(ticket, "carol")["reason"]
        act(ticket, "carol")
        runs(ticket)

    def test_a_chain_of_transfers_and_back_again(self) -> None:
        ticket = started("bob")
        for giver, taker in [("bob", "carol"), ("carol", "dave"), ("dave", "bob"), ("bob", "erin"), ("erin", "carol")]:
            move(ticket, giver, "transfer", taker)
            assert waiting(ticket) == [taker]
        act(ticket, "carol")
        runs(ticket)

    @pytest.mark.parametrize(("mode", "needed"), [("any", 1), ("all", 3), ({"ratio": 0.5}, 2)])
    def test_one_seat_handed_to_two_are_two_seats(self, mode, needed) -> None:
        ticket = started("bob", "dave", mode=mode)
        move(ticket, "bob", "transfer", "carol", "erin")
        assert waiting(ticket) == ["carol", "dave", "erin"]
        for _yes in range(needed):
            assert fresh(ticket).state == "approving"
            act(ticket, waiting(ticket)[0])
        runs(ticket)

    def test_I03_never_to_the_applicant(self) -> None:
        ticket = started("bob")
        refused("not_allowed", ticket, "bob", "transfer", "alice")

    @pytest.mark.parametrize("whom", ["bob", "dave"])
    def test_I04_never_to_who_sits_here(self, whom) -> None:
        refused("second_seat", started("bob", "dave", **ALL), "bob", "transfer", whom)

    def test_I04_never_to_who_has_signed_here(self) -> None:
        ticket = started("bob", "dave", **ALL)
        act(ticket, "dave")
        refused("second_seat", ticket, "bob", "transfer", "dave")

    def test_I04_never_to_who_is_next_in_a_sequence(self) -> None:
        refused("second_seat", started("bob", "dave", mode="sequence"), "bob", "transfer", "dave")

    @pytest.mark.parametrize("whom", ["nobody", "Carol", "", "carol\x00"])
    def test_never_to_who_is_not_there(self, whom) -> None:
        refused("unknown_user", started("bob"), "bob", "transfer", whom)

    def test_never_to_who_has_left(self) -> None:
        User.objects.filter(username="carol").update(is_active=False)
        refused("unknown_user", started("bob"), "bob", "transfer", "carol")

    def test_nobody_twice(self) -> None:
        refused("repeated_item", started("bob"), "bob", "transfer", "carol", "carol")

    def test_A01_nobody_elses_seat(self) -> None:
        ticket = started("bob", "dave")
        for who, error in [("dave", NotYourTask), ("alice", NotYourTask), ("heidi", NotFound)]:
            verbs: list[tuple[str, dict[str, Any]]] = [
                ("transfer", {}),
                ("add_sign", {"position": "with"}),
                ("remove_sign", {}),
            ]
            for verb, more in verbs:
                with pytest.raises(error):
                    move(ticket, who, verb, "erin", seat="bob", **more)
        assert waiting(ticket) == ["bob", "dave"]

    def test_a_proxy_transfers_and_both_are_named(self) -> None:
        ticket = started("bob")
        proxy("bob", "heidi", NOW, NOW + HOUR)
        move(ticket, "heidi", "transfer", "carol", seat="bob")
        task = ApprovalTask.objects.get(ticket=ticket, state="transferred")
        assert (task.decided_by, task.on_behalf_of) == (user("heidi"), user("bob"))
        act(ticket, "carol")
        runs(ticket)

    @pytest.mark.parametrize(("verb", "more"), [("transfer", {}), ("add_sign", {"position": "with"})])
    def test_I11_a_proxy_takes_no_seat_that_outlives_his_window(self, verb, more) -> None:
        ticket = started("bob")
        proxy("bob", "heidi", NOW, NOW + HOUR)
        with pytest.raises(Invalid) as refused:
            move(ticket, "heidi", verb, "heidi", seat="bob", **more)
        assert [error["code"] for error in refused.value.errors] == ["not_allowed"]
        assert waiting(ticket) == ["bob"]

    def test_I10_never_to_who_has_signed_here_for_somebody_else(self) -> None:
        ticket = started("bob", "dave", **ALL)
        proxy("dave", "carol", NOW, NOW + HOUR)
        act(ticket, "carol", seat="dave")
        with pytest.raises(Invalid) as refused:
            move(ticket, "bob", "transfer", "carol")
        assert [error["code"] for error in refused.value.errors] == ["second_seat"]

    def test_A03_the_applicant_as_a_proxy_of_an_approver_hands_nothing_on(self) -> None:
        ticket = started("bob")
        proxy("bob", "alice", NOW, NOW + HOUR)
        verbs: list[tuple[str, dict[str, Any]]] = [("transfer", {}), ("add_sign", {"position": "with"})]
        for verb, more in verbs:
            with pytest.raises(OwnTicket):
                move(ticket, "alice", verb, "heidi", seat="bob", **more)

    def test_a_confirmation_may_be_handed_to_anybody_but_nobody_is_added(self) -> None:
        template([{"node": "c", "type": "confirm", "assignees": people("bob")}])
        ticket = submit()
        with pytest.raises(WrongState):
            move(ticket, "bob", "add_sign", "carol", position="with")
        move(ticket, "bob", "transfer", "alice")
        assert act(ticket, "alice", "confirm").state == "completed"

    def test_a_seat_in_a_sequence_keeps_its_place(self) -> None:
        ticket = started("bob", "dave", "erin", mode="sequence")
        move(ticket, "bob", "transfer", "carol")
        for who in ("carol", "dave", "erin"):
            assert waiting(ticket) == [who]
            act(ticket, who)
        runs(ticket)

    def test_the_time_limit_is_kept(self) -> None:
        ticket = started("bob", due="1d")
        due = pending(ticket).due_at
        move(ticket, "bob", "transfer", "carol", at=NOW + HOUR)
        assert pending(ticket, "carol").due_at == due == NOW + timedelta(days=1)

    def test_F40_an_approver_who_is_transferred_away_and_back_counts_once(self) -> None:
        ticket = started("bob", "dave", **ALL)
        move(ticket, "bob", "transfer", "carol")
        move(ticket, "carol", "transfer", "bob")
        act(ticket, "bob")
        assert fresh(ticket).state == "approving"
        act(ticket, "dave")
        runs(ticket)
