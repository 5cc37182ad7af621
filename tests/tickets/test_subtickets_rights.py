"""子工单: who may sign, change and see parent and children (I03, I12, I23, A03)."""

import pytest
from django.utils import timezone

from tests.api.calls import Api
from tests.factories import (
    HOST,
    HOSTS,
    HOUR,
    NOW,
    act,
    approval,
    begin,
    fresh,
    one,
    proxy,
    restart,
    resubmit,
    submit,
    template,
    user,
    waiting,
)
from tests.tickets.family import ITEMS, NOTE, child_template, children, end, parent, sub
from tickets.errors import FixedByParent, OwnTicket
from tickets.models import Participant, Ticket
from tickets.queries.detail import ticket_detail

sound = pytest.mark.usefixtures("sound")
pytestmark = pytest.mark.usefixtures("world")


@sound
class TestRights:
    def test_A03_the_applicant_does_not_approve_through_a_sub_ticket(self) -> None:
        child_template(approval("x", {"user": "alice"}, {"applicant": True}))
        template([sub()], [ITEMS])
        ticket = submit(form={"items": ["x"]})
        assert waiting(children(ticket)[0]) == ["bob"]

    def test_A03_nor_as_a_proxy_there(self) -> None:
        from datetime import timedelta

        ticket = parent(("x",))
        proxy("dave", "alice", NOW, NOW + timedelta(hours=1))
        with pytest.raises(OwnTicket):
            act(children(ticket)[0], "alice", seat="dave")

    @pytest.mark.parametrize("depth", [1, 2])
    def test_I03_who_changed_what_the_children_run_signs_it_nowhere(self, depth) -> None:
        """Nor after a return, when the children are planned anew."""
        inner = [one("x", "dave"), restart()]
        for level in range(depth):
            template(inner, [HOSTS], key=f"below{level}")
            inner = [{"node": "s", "type": "subticket", "template": f"below{level}", "form": {"hosts": "form.hosts"}}]
        asked = approval("a", {"user": "dave"}, {"user": "bob"})
        template([asked, *inner], [{**HOSTS, "editable_at": ["a"]}])
        ticket = submit(form=HOST)
        act(ticket, "dave", form={"hosts": ["demo-02"]})
        act(ticket, "bob", "return", comment="more?")
        resubmit(ticket, {"hosts": ["demo-02", "demo-03"]})
        act(ticket, "bob")
        last = Ticket.objects.latest("id")
        assert last.content.facts["editors"] == [user("dave").pk]
        assert waiting(last) == ["bob"]  # it goes up, past dave
        act(last, "bob")
        assert begin(last).plan == last.content.plans["run"]

    def test_I12_a_childs_approval_does_not_count_for_its_parent(self) -> None:
        """Even with dedup: dave signed the child, not the parent."""
        child_template()
        template([sub(), one("last", "dave")], [ITEMS], dedup="all")
        ticket = submit(form={"items": ["x"]})
        end(children(ticket)[0])
        assert waiting(ticket) == ["dave"]

    def test_I23_who_sees_a_child_does_not_see_the_parent(self) -> None:
        from tickets.errors import NotFound

        ticket = parent(("x",))
        (child,) = children(ticket)
        assert ticket_detail(user("dave"), child.number, NOW)["number"] == child.number
        with pytest.raises(NotFound):
            ticket_detail(user("dave"), ticket.number, NOW)

    def test_the_answers_name_parent_and_children(self) -> None:
        ticket = parent()
        first, second = children(ticket)
        shown = ticket_detail(user("alice"), ticket.number, NOW)
        assert [(c["number"], c["state"], c["title"], c["node"]) for c in shown["children"]] == [
            (first.number, "approving", "do x", "sub"), (second.number, "approving", "do y", "sub"),
        ]  # fmt: skip
        assert shown["parent"] is None
        node = next(row for row in shown["nodes"] if row["node"] == "sub")
        assert node["children"] == [first.number, second.number]
        below = ticket_detail(user("alice"), first.number, NOW)
        assert below["parent"] == {"number": ticket.number, "state": "approving", "title": ticket.title}

    def test_I12_a_child_is_handed_in_again_as_its_parents_approvers_signed_it(self) -> None:
        ticket = parent(("x",), before=[one("a", "bob")])
        act(ticket, "bob")
        (child,) = children(ticket)
        act(child, "dave", "return", comment="?", resume="here")
        with pytest.raises(FixedByParent):
            resubmit(child, {"what": "other"})
        assert fresh(child).state == "returned"
        assert ticket_detail(user("alice"), child.number, NOW)["locked"] == ["what"]
        resubmit(child, {"what": "x"})
        assert waiting(child) == ["dave"]
        end(child)
        assert waiting(ticket) == ["erin"]

    def test_I12_nor_does_a_childs_approver_change_what_it_runs(self) -> None:
        """Only what decides about nothing."""
        said = {**NOTE, "editable_at": ["x"]}
        template([one("x", "dave"), restart()], [{**HOSTS, "editable_at": ["x"]}, said], key="child")
        template([{"node": "sub", "type": "subticket", "template": "child", "form": {"hosts": "form.hosts"}}], [HOSTS])
        (child,) = children(submit(form=HOST))
        with pytest.raises(FixedByParent):
            act(child, "dave", form={"hosts": ["demo-02"]})
        assert (waiting(child), fresh(child).content.number) == (["dave"], 1)
        act(child, "dave", form={"note": "seen"})
        assert begin(child).plan["targets"][0]["name"] == "demo-01"


class TestTitles:
    """What the other ticket is called is for those who take part in it (I23)."""

    @pytest.fixture
    def ticket(self) -> Ticket:
        ticket = parent(["x"], before=[one("a", "bob")])
        Ticket.objects.filter(pk=ticket.pk).update(title="Dismissal")
        return act(ticket, "bob")

    @pytest.mark.parametrize(("who", "sees"), [("dave", False), ("alice", True), ("admin", True)])
    def test_I23_of_the_parent(self, ticket, who, sees) -> None:
        shown = ticket_detail(user(who), children(ticket)[0].number, NOW)["parent"]
        assert shown == {"number": ticket.number, "state": "approving", "title": "Dismissal" if sees else None}

    @pytest.mark.parametrize(("who", "sees"), [("bob", False), ("alice", True), ("admin", True)])
    def test_I23_of_the_children(self, ticket, who, sees) -> None:
        path, title = f"tickets/{ticket.number}", "do x" if sees else None
        (child,) = Api(who).get(path).json()["children"]
        events = Api(who).get(f"{path}/events").json()["results"]
        (opened,) = [event["data"]["children"] for event in events if event["kind"] == "subticket.opened"]
        assert [(row["number"], row["title"]) for row in (child, *opened)] == [(children(ticket)[0].number, title)] * 2

    @pytest.mark.parametrize(("ends", "sees"), [(HOUR, True), (-HOUR, False)], ids=["lasts", "has ended"])
    def test_I23_a_title_seen_by_a_proxy_ends_with_it(self, ticket, ends, sees) -> None:
        now = timezone.now()
        held = proxy("dave", "carol", now - 3 * HOUR, now + ends)
        (child,) = children(ticket)
        Participant.objects.create(ticket=child, user=user("carol"), kind="cc", proxy=held)
        Participant.objects.create(ticket=ticket, user=user("carol"), kind="cc")
        (shown,) = ticket_detail(user("carol"), ticket.number, now)["children"]
        assert shown["title"] == ("do x" if sees else None)
