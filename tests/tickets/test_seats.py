"""转交、加签、减签、改派: who sits where (I3, I4, I13, A32)."""

from datetime import timedelta

import pytest
from django.db import connection

from accounts.models import User
from tests.factories import (
    HOST,
    HOSTS,
    NOW,
    act,
    approval,
    begin,
    breaks,
    fresh,
    kinds,
    last_event,
    move,
    pending,
    proxy,
    reassign,
    restart,
    submit,
    template,
    user,
    visit,
    waiting,
)
from tickets.commands import seats
from tickets.commands.execution import ExecutionRefused
from tickets.errors import Invalid, NotAllowed, NotFound, NotYourTask, OwnTicket, TaskAlreadyDecided, WrongState
from tickets.models import ApprovalTask, NodeVisit
from tickets.queries.detail import ticket_detail

HOUR = timedelta(hours=1)
sound = pytest.mark.usefixtures("sound")
pytestmark = pytest.mark.usefixtures("world")
ALL = {"mode": "all"}


def people(*names: str) -> list[dict]:
    return [{"user": name} for name in names]


def started(*names: str, then: list | None = None, **more):
    """A ticket at a node `a` of these people, a job behind it."""
    template([approval("a", *people(*names), **more), *(then or []), restart()], [HOSTS])
    return submit(form=HOST)


def refused(code: str, ticket, who: str, verb: str, *users: str, **more) -> None:
    before = fresh(ticket).event_seq
    with pytest.raises(Invalid) as found:
        move(ticket, who, verb, *users, **more)
    assert code in {error["code"] for error in found.value.errors}
    assert fresh(ticket).event_seq == before


def row(ticket, assignee: str) -> dict:
    """The newest task of this person as he sees it."""
    tasks = ticket_detail(user(assignee), ticket.number, NOW)["tasks"]
    return [task for task in tasks if task["assignee"] == assignee][-1]


def runs(ticket) -> None:
    """Everything is approved, and the executor believes it."""
    assert fresh(ticket).state == "executing", waiting(ticket)
    assert begin(ticket).plan["action"] == "service.restart"


@sound
class TestTransfer:
    def test_the_new_one_decides_instead(self) -> None:
        ticket = started("bob")
        move(ticket, "bob", "transfer", "carol", comment="yours")
        assert waiting(ticket) == ["carol"]
        with pytest.raises(TaskAlreadyDecided):
            seats.transfer(task_id=ticket.tasks.first().pk, actor=user("bob"), at=NOW, users=["dave"], channel="web")
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
            for verb, more in [("transfer", {}), ("add_sign", {"position": "with"}), ("remove_sign", {})]:
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
        for verb, more in [("transfer", {}), ("add_sign", {"position": "with"})]:
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


@sound
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


@sound
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
        """Whoever has signed holds no open seat: nothing of his is left to change (I8)."""
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position="with")
        task = pending(ticket, "bob").pk
        act(ticket, "bob")
        with pytest.raises(TaskAlreadyDecided):
            seats.remove_sign(task_id=task, actor=user("bob"), at=NOW, users=["carol"], channel="web")

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


@sound
class TestReassign:
    def test_others_take_the_place(self) -> None:
        ticket = started("bob", "dave", mode="any")
        reassign(ticket, "a", "erin", "frank")
        assert waiting(ticket) == ["erin", "frank"]
        assert last_event(ticket, "task.reassigned") | {"name": 0} == {
            "node": "a", "name": 0, "round": 1, "from": ["bob", "dave"], "users": ["erin", "frank"], "comment": "gone",
        }  # fmt: skip
        act(ticket, "erin")
        runs(ticket)

    @pytest.mark.parametrize("mode", ["any", "all", "sequence", {"ratio": 0.6}])
    def test_I13_the_executor_believes_it(self, mode) -> None:
        ticket = started("bob", "dave", mode=mode)
        reassign(ticket, "a", "erin", "frank")
        while fresh(ticket).state == "approving":
            act(ticket, waiting(ticket)[0])
        runs(ticket)

    def test_who_has_signed_keeps_his_seat(self) -> None:
        ticket = started("bob", "dave", **ALL)
        act(ticket, "bob")
        reassign(ticket, "a", "erin")
        assert waiting(ticket) == ["erin"]
        act(ticket, "erin")
        runs(ticket)

    def test_added_signatures_stay_with_the_heir(self) -> None:
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position="with")
        reassign(ticket, "a", "erin")
        assert waiting(ticket) == ["carol", "erin"]
        act(ticket, "erin")
        assert fresh(ticket).state == "approving"
        act(ticket, "carol")
        runs(ticket)

    def test_added_signatures_of_two_seats_given_to_one(self) -> None:
        ticket = started("bob", "dave", **ALL)
        move(ticket, "bob", "add_sign", "carol", position="with")
        move(ticket, "dave", "add_sign", "frank", position="with")
        reassign(ticket, "a", "erin")
        for who in ("carol", "erin", "frank"):
            if who in waiting(ticket):
                act(ticket, who)
        runs(ticket)

    @pytest.mark.parametrize("position", ["with", "after"])
    def test_an_added_signature_alone(self, position) -> None:
        """The base seat has signed; only an added signature is missing, of somebody who will not answer."""
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position=position)
        act(ticket, "bob")
        reassign(ticket, "a", "erin")
        assert waiting(ticket) == ["erin"]
        assert row(ticket, "erin")["position"] == position
        act(ticket, "erin")
        runs(ticket)

    def test_I04_not_to_who_was_added_beside(self) -> None:
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position="with")
        with pytest.raises(Invalid):
            reassign(ticket, "a", "carol")
        assert waiting(ticket) == ["bob", "carol"]

    def test_only_administrators(self) -> None:
        ticket = started("bob")
        for who, error in [("bob", NotAllowed), ("alice", NotAllowed), ("heidi", NotFound)]:
            with pytest.raises(error):
                reassign(ticket, "a", "erin", by=who)

    @pytest.mark.parametrize("whom", ["admin", "alice"])
    def test_I03_never_to_themselves_nor_to_the_applicant(self, whom) -> None:
        ticket = started("bob")
        with pytest.raises(Invalid):
            reassign(ticket, "a", whom)
        assert waiting(ticket) == ["bob"]

    def test_I03_an_administrator_does_not_choose_who_approves_his_own_ticket(self) -> None:
        confirmed = {"node": "b", "type": "confirm", "assignees": people("bob")}
        template([approval("a", {"user": "bob"}), confirmed])
        ticket = submit(by="admin")
        with pytest.raises(OwnTicket):
            reassign(ticket, "a", "carol")
        act(ticket, "bob")
        reassign(ticket, "b", "carol")
        assert act(ticket, "carol", "confirm").state == "completed"

    def test_where_nobody_is_waited_for(self) -> None:
        ticket = started("bob", then=[approval("b", {"user": "dave"})])
        for node in ("b", "run", "none", "a/join"):
            with pytest.raises(WrongState):
                reassign(ticket, node, "erin")
        act(ticket, "bob")
        with pytest.raises(WrongState):
            reassign(ticket, "a", "erin")

    def test_a_sequence_goes_on_behind_the_new_one(self) -> None:
        ticket = started("bob", "dave", mode="sequence")
        reassign(ticket, "a", "erin")
        act(ticket, "erin")
        assert waiting(ticket) == ["dave"]
        act(ticket, "dave")
        runs(ticket)

    def test_I04_not_to_who_has_signed_here(self) -> None:
        ticket = started("bob", "dave", **ALL)
        act(ticket, "bob")
        with pytest.raises(Invalid):
            reassign(ticket, "a", "bob")

    def test_to_one_of_those_asked_keeps_him(self) -> None:
        """A reassignment may leave one of them in place: dave goes, bob stays."""
        ticket = started("bob", "dave", **ALL)
        reassign(ticket, "a", "bob")
        assert waiting(ticket) == ["bob"]
        act(ticket, "bob")
        runs(ticket)


# --- tampering (A32): rows changed behind the engine's back -----------------------------------------------


def sql(statement: str, *arguments) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        assert cursor.rowcount > 0


class TestTampering:
    def test_A32_a_queue_emptied(self) -> None:
        ticket = started("bob", "dave", mode="sequence")
        sql("UPDATE tickets_nodevisit SET queue = '[]' WHERE ticket_id = %s", ticket.pk)
        act(ticket, "bob")
        with pytest.raises(ExecutionRefused, match="incomplete"):
            begin(ticket)

    def test_A32_an_after_queue_emptied(self) -> None:
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position="after")
        sql("UPDATE tickets_nodevisit SET queue = '[]' WHERE ticket_id = %s", ticket.pk)
        act(ticket, "bob")
        with pytest.raises(ExecutionRefused, match="incomplete"):
            begin(ticket)

    @pytest.mark.parametrize("state", ["cancelled", "transferred"])
    def test_A32_a_seat_taken_out_of_the_count(self, state) -> None:
        ticket = started("bob", "dave", **ALL)
        task = pending(ticket, "dave").pk
        sql("UPDATE tickets_approvaltask SET state = %s, decided_at = %s WHERE id = %s", state, NOW, task)
        act(ticket, "bob")
        with pytest.raises(ExecutionRefused, match=r"incomplete|forged"):
            begin(ticket)

    def test_A32_an_added_signature_made_a_seat_of_its_own(self) -> None:
        """With `any`, a base seat closes the step alone; carol was only added to bob's."""
        ticket = started("bob", "erin", mode="any")
        move(ticket, "bob", "add_sign", "carol", position="with")
        sql("UPDATE tickets_approvaltask SET added_to_id = NULL, position = '' WHERE id = %s",
            pending(ticket, "carol").pk)  # fmt: skip
        act(ticket, "carol")
        assert fresh(ticket).state == "executing"
        with pytest.raises(ExecutionRefused, match="incomplete"):
            begin(ticket)

    def test_A32_a_seat_made_an_added_signature(self) -> None:
        """A ratio of one seat is less than of three: dave and erin become bob's added signatures, then leave."""
        ticket = started("bob", "dave", "erin", mode={"ratio": 0.6})
        sql("UPDATE tickets_approvaltask SET added_to_id = %s, position = 'with' WHERE ticket_id = %s AND id <> %s",
            pending(ticket, "bob").pk, ticket.pk, pending(ticket, "bob").pk)  # fmt: skip
        move(ticket, "bob", "remove_sign", "dave", "erin")
        act(ticket, "bob")
        assert fresh(ticket).state == "executing"
        with pytest.raises(ExecutionRefused):
            begin(ticket)

    def test_A32_before_turned_into_with_only_changes_the_order(self) -> None:
        """The position says who waits for whom; it never makes a signature unnecessary."""
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position="before")
        sql("UPDATE tickets_approvaltask SET position = 'with' WHERE id = %s", pending(ticket, "carol").pk)
        act(ticket, "bob")
        assert fresh(ticket).state == "approving"
        act(ticket, "carol")
        runs(ticket)

    def test_A32_an_added_signature_deleted(self) -> None:
        ticket = started("bob")
        move(ticket, "bob", "add_sign", "carol", position="with")
        sql("DELETE FROM tickets_approvaltask WHERE id = %s", pending(ticket, "carol").pk)
        act(ticket, "bob")
        with pytest.raises(ExecutionRefused, match="incomplete"):
            begin(ticket)

    def test_A32_a_reassigned_seat_moved_to_somebody_else(self) -> None:
        ticket = started("bob")
        reassign(ticket, "a", "erin")
        sql("UPDATE tickets_approvaltask SET assignee_id = %s WHERE id = %s",
            user("heidi").pk, pending(ticket, "erin").pk)  # fmt: skip
        act(ticket, "heidi")
        with pytest.raises(ExecutionRefused):
            begin(ticket)

    def test_A32_a_transfer_in_the_rows_alone(self) -> None:
        ticket = started("bob", "dave", **ALL)
        sql("UPDATE tickets_approvaltask SET state = 'transferred', decided_at = %s, decided_by_id = %s WHERE id = %s",
            NOW, user("dave").pk, pending(ticket, "dave").pk)  # fmt: skip
        act(ticket, "bob")
        assert "task.transferred" not in kinds(ticket)
        with pytest.raises(ExecutionRefused):
            begin(ticket)

    def test_A32_a_visit_said_to_be_passed(self) -> None:
        ticket = started("bob")
        act(ticket, "bob")
        NodeVisit.objects.filter(ticket=ticket, node="a").update(outcome="passed", state="skipped")
        sql("DELETE FROM tickets_approvaltask WHERE ticket_id = %s", ticket.pk)
        with pytest.raises(ExecutionRefused):
            begin(ticket)

    @pytest.mark.parametrize("verb", ["transfer", "add_sign"])
    def test_A32_a_seat_moved_to_an_accomplice_who_brings_in_another(self, verb) -> None:
        """heidi is never asked by the chain; what she does through the front door is no act of an approver."""
        ticket = started("bob", "dave", mode="any")
        sql("UPDATE tickets_approvaltask SET assignee_id = %s WHERE id = %s",
            user("heidi").pk, pending(ticket, "bob").pk)  # fmt: skip
        if verb == "transfer":
            move(ticket, "heidi", "transfer", "frank")
        else:
            move(ticket, "heidi", "add_sign", "frank", position="with")
            sql("UPDATE tickets_approvaltask SET state = 'cancelled', decided_at = %s WHERE id = %s",
                NOW, pending(ticket, "heidi").pk)  # fmt: skip
            sql("UPDATE tickets_approvaltask SET added_to_id = NULL WHERE id = %s", pending(ticket, "frank").pk)
        act(ticket, "frank")
        assert fresh(ticket).state == "executing"
        assert "unasked_decision" in breaks(ticket)
        with pytest.raises(ExecutionRefused, match="unasked"):
            begin(ticket)
