"""退回: whoever comes back finds the seats as they stood."""

import pytest

from tests.factories import (
    HOST,
    HOSTS,
    HOUR,
    NOW,
    act,
    approval,
    begin,
    last_event,
    move,
    one,
    proxy,
    restart,
    resubmit,
    submit,
    template,
    user,
    waiting,
)
from tickets.audit import ledger
from tickets.errors import SecondSeat
from tickets.models import Event
from tickets.queries.detail import ticket_detail

pytestmark = pytest.mark.usefixtures("sound")
TEXT = [{"key": "t", "type": "text", "label": "T"}]


class TestSeatsAsTheyStood:
    """It comes back to those who have not decided there: whoever signed is not asked again, who returned it is."""

    @pytest.fixture(params=["same", "changed", "node"])
    def back(self, request):
        """Returned by this person, and back: unchanged, changed, or from the node before."""

        def back(ticket, who: str) -> None:
            if request.param == "node":
                act(ticket, who, "return", to="a", comment="?", resume="here")
                act(ticket, "bob")
            else:
                act(ticket, who, "return", comment="?", resume="here")
                resubmit(ticket, None if request.param == "same" else {**HOST, "t": "y"})

        return back

    def at(self, *, mode="all", people=("carol", "dave", "erin"), **more):
        b = approval("b", *({"user": name} for name in people), mode=mode, **more)
        template([one("a", "bob"), b, one("c", "heidi"), restart()], [HOSTS, *TEXT])
        return act(submit(form={**HOST, "t": "x"}), "bob")

    def test_all(self, back) -> None:
        ticket = self.at()
        act(ticket, "dave")
        back(ticket, "carol")
        assert waiting(ticket) == ["carol", "erin"]
        act(ticket, "erin")
        act(ticket, "carol")
        assert waiting(ticket) == ["heidi"]
        act(ticket, "heidi")
        assert begin(ticket)

    def test_twice(self, back) -> None:
        ticket = self.at()
        act(ticket, "dave")
        back(ticket, "carol")
        act(ticket, "erin")
        back(ticket, "carol")
        assert waiting(ticket) == ["carol"]
        assert last_event(ticket, "task.kept")["assignees"] == [
            {"username": "dave", "round": 1}, {"username": "erin", "round": 2},
        ]  # fmt: skip
        act(ticket, "carol")
        act(ticket, "heidi")
        assert begin(ticket)

    def test_a_ratio_is_counted_over_all_of_them(self, back) -> None:
        ticket = self.at(mode={"ratio": 0.6}, people=("carol", "dave", "erin", "frank", "grace"))
        act(ticket, "dave")
        act(ticket, "erin")
        back(ticket, "carol")
        assert waiting(ticket) == ["carol", "frank", "grace"]
        act(ticket, "frank")
        assert waiting(ticket) == ["heidi"]
        act(ticket, "heidi")
        assert begin(ticket)

    def test_a_sequence_goes_on_where_it_stood(self, back) -> None:
        ticket = self.at(mode="sequence")
        act(ticket, "carol")
        back(ticket, "dave")
        assert waiting(ticket) == ["dave"]
        act(ticket, "dave")
        assert waiting(ticket) == ["erin"]
        act(ticket, "erin")
        act(ticket, "heidi")
        assert begin(ticket)

    def test_whoever_was_handed_the_seat_has_it(self, back) -> None:
        ticket = self.at(people=("carol", "dave"))
        move(ticket, "carol", "transfer", "grace", comment="yours")
        act(ticket, "dave")
        back(ticket, "grace")
        assert waiting(ticket) == ["grace"]
        act(ticket, "grace")
        act(ticket, "heidi")
        assert begin(ticket)

    @pytest.mark.parametrize("position", ["before", "with", "after"])
    def test_signatures_that_were_added_are_asked_for_again(self, back, position) -> None:
        ticket = self.at(people=("carol", "dave"))
        move(ticket, "carol", "add_sign", "grace", position=position, comment="look")
        move(ticket, "carol", "add_sign", "frank", position=position, comment="look")
        move(ticket, "carol", "remove_sign", "frank", comment="no")
        back(ticket, "dave")
        assert waiting(ticket) == (["carol", "dave"] if position == "after" else ["carol", "dave", "grace"])
        for who in ("grace", "carol", "dave") if position != "after" else ("dave", "carol", "grace"):
            act(ticket, who)
        assert waiting(ticket) == ["heidi"]
        act(ticket, "heidi")
        assert begin(ticket)

    def test_I04_a_proxy_who_signed_there_signs_no_other_seat(self, back) -> None:
        ticket = self.at(people=("carol", "dave"))
        for principal in ("carol", "dave"):
            proxy(principal, "grace", NOW - HOUR, NOW + HOUR)
        act(ticket, "grace", seat="dave")
        back(ticket, "carol")
        with pytest.raises(SecondSeat):
            act(ticket, "grace", seat="carol")
        act(ticket, "carol")
        act(ticket, "heidi")
        assert begin(ticket)

    def test_the_trail_alone_tells_it(self, back) -> None:
        """A yes of an earlier round counts by what was written down then: for somebody who gave none it counts not."""
        ticket = self.at()
        act(ticket, "dave")
        back(ticket, "carol")
        trail = list(Event.objects.filter(ticket=ticket).order_by("seq"))
        kept = next(event for event in trail if event.kind == "task.kept")
        assert ledger.read(trail)["b", 2].seats["dave"].actor == user("dave").pk
        rows = ticket_detail(user("carol"), ticket.number, NOW)
        signed = next(task["id"] for task in rows["tasks"] if task["assignee"] == "dave")
        assert [node["kept"] for node in rows["nodes"] if node["node"] == "b"] == [[], [signed]]
        kept.data["assignees"] = [{"username": "erin", "round": 1}]
        assert ledger.read(trail)["b", 2].strangers == ["erin"]
