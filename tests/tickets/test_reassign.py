"""改派: an administrator gives a step to other people."""

import pytest

from tests.factories import act, approval, fresh, last_event, move, reassign, submit, template, waiting
from tests.tickets.seats import ALL, people, row, runs, started
from tickets.errors import Invalid, NotAllowed, NotFound, OwnTicket, WrongState

pytestmark = pytest.mark.usefixtures("sound")


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
