"""Every verb at every kind of seat: who may use it, what follows (I01–I05, I08)."""

from datetime import timedelta

import pytest

from accounts.models import User
from tests.factories import (
    HOUR,
    NOW,
    act,
    approval,
    breaks,
    fresh,
    give_role,
    kinds,
    pending,
    submit,
    template,
    user,
    waiting,
)
from tickets.commands.decide import decide
from tickets.commands.withdraw import withdraw
from tickets.errors import NotFound, NotYourTask, OwnTicket, StaleVersion, TaskAlreadyDecided, WrongState
from tickets.models import ApprovalTask, Event, NodeVisit, Participant, Ticket
from tickets.queries.stuck import stuck_tickets

pytestmark = pytest.mark.usefixtures("world")
BOB = {"manager": 1}
TWO = [approval("first", BOB), approval("second", {"role": "dba"})]


def rows(ticket) -> tuple:
    """Everything of a ticket, to show that a refusal changed nothing."""
    return (
        Ticket.objects.filter(pk=ticket.pk).values_list().get(),
        list(ApprovalTask.objects.filter(ticket=ticket).order_by("id").values_list()),
        list(NodeVisit.objects.filter(ticket=ticket).order_by("id").values_list()),
        Event.objects.filter(ticket=ticket).count(),
        Participant.objects.filter(ticket=ticket).count(),
    )


def refuse(error, ticket, who, verb="approve", **more):
    before = rows(ticket)
    with pytest.raises(error) as refused:
        act(ticket, who, verb, **more)
    assert rows(ticket) == before
    return refused.value


@pytest.fixture
def ticket():
    template(TWO)
    return submit()


def test_approve_hands_on(ticket) -> None:
    act(ticket, "bob", comment="fine")
    assert waiting(ticket) == ["dave"]
    done = ApprovalTask.objects.get(ticket=ticket, state="approved")
    assert (done.decided_by, done.on_behalf_of, done.channel, done.comment) == (user("bob"), None, "web", "fine")
    assert done.digest == fresh(ticket).content.digest
    assert act(ticket, "dave").state == "completed"
    assert fresh(ticket).finished_at == NOW
    assert kinds(ticket) == [
        "ticket.created", "ticket.submitted", "node.opened", "task.assigned", "task.approved", "node.closed",
        "node.opened", "task.assigned", "task.approved", "node.closed", "ticket.completed",
    ]  # fmt: skip
    assert breaks(ticket) == []


def test_veto_is_final(ticket) -> None:
    assert act(ticket, "bob", "veto", comment="no").state == "vetoed"
    assert waiting(ticket) == []
    assert fresh(ticket).finished_at == NOW
    assert breaks(ticket) == []


def test_return_closes_every_seat() -> None:
    template([approval("all", {"role": "sre"}, mode="all")])
    ticket = submit()
    assert act(ticket, "erin", "return", comment="why?").state == "returned"
    assert waiting(ticket) == []
    states = dict(ApprovalTask.objects.filter(ticket=ticket).values_list("assignee__username", "state"))
    assert states == {"erin": "returned", "grace": "cancelled"}
    assert breaks(ticket) == []


@pytest.mark.parametrize("verb", ["confirm", "submit", "", "cancel", "transfer", "__class__"])
def test_A10_a_verb_that_the_node_does_not_know(ticket, verb) -> None:
    refuse(WrongState, ticket, "bob", verb)


def test_A10_an_approval_verb_at_a_confirm() -> None:
    template([{"node": "c", "type": "confirm", "assignees": [BOB]}])
    ticket = submit()
    for verb in ("approve", "veto"):
        refuse(WrongState, ticket, "bob", verb)
    assert act(ticket, "bob", "confirm").state == "completed"
    assert breaks(ticket) == []


def test_A01_somebody_elses_task(ticket) -> None:
    task = pending(ticket)
    refuse(NotFound, ticket, "heidi", seat="bob")
    refuse(NotYourTask, ticket, "alice", seat="bob")
    refuse(NotYourTask, ticket, "admin", seat="bob")
    with pytest.raises(NotFound):
        decide(task_id=task.pk + 10_000, verb="approve", actor=user("bob"), at=NOW, channel="web")


@pytest.mark.parametrize("verb", ["approve", "return", "veto"])
def test_I01_a_decided_task_accepts_nothing(ticket, verb) -> None:
    task = pending(ticket)
    act(ticket, "bob")
    before = rows(ticket)
    with pytest.raises(TaskAlreadyDecided) as refused:
        decide(task_id=task.pk, verb=verb, actor=user("bob"), at=NOW, channel="web")
    assert refused.value.extra["decided_by"] == "bob"
    assert refused.value.extra["decided_at"] == NOW
    assert "bob" in refused.value.detail
    assert rows(ticket) == before


def test_I01_a_seat_that_a_colleague_closed_says_who() -> None:
    template([approval("any", {"role": "sre"})])
    ticket = submit()
    seat = pending(ticket, "grace")
    act(ticket, "erin")
    with pytest.raises(TaskAlreadyDecided) as refused:
        decide(task_id=seat.pk, verb="approve", actor=user("grace"), at=NOW, channel="card")
    assert refused.value.extra == {"decided_by": "erin", "decided_at": NOW, "state": "approved"}


def test_I01_a_seat_that_a_withdrawal_closed_says_who(ticket) -> None:
    task = pending(ticket)
    withdraw(number=ticket.number, actor=user("alice"), at=NOW + HOUR)
    with pytest.raises(TaskAlreadyDecided) as refused:
        decide(task_id=task.pk, verb="approve", actor=user("bob"), at=NOW + HOUR, channel="card")
    assert refused.value.extra == {"decided_by": "alice", "decided_at": NOW + HOUR, "state": "cancelled"}
    assert "alice" in refused.value.detail


@pytest.mark.parametrize("end", ["completed", "vetoed", "withdrawn"])
def test_I08_a_final_ticket_accepts_nothing(end) -> None:
    from tickets.commands import submit as handing
    from tickets.commands import talk
    from tickets.commands.withdraw import withdraw

    template([approval("one", BOB)])
    ticket = submit()
    task = pending(ticket)
    if end == "withdrawn":
        withdraw(number=ticket.number, actor=user("alice"), at=NOW)
    else:
        act(ticket, "bob", "approve" if end == "completed" else "veto")
    assert fresh(ticket).state == end
    before = rows(ticket)
    for verb in ("approve", "veto", "return"):
        with pytest.raises(TaskAlreadyDecided):
            decide(task_id=task.pk, verb=verb, actor=user("bob"), at=NOW, channel="web")
    for command in (handing.submit, handing.resubmit, withdraw, talk.remind):
        with pytest.raises(WrongState):
            command(number=ticket.number, actor=user("alice"), at=NOW)
    assert rows(ticket) == before


@pytest.mark.parametrize(
    "shown",
    [{"ticket_version": 0}, {"ticket_version": 99}, {"digest": "0" * 64}, {"digest": ""}, {"ticket_version": -1}],
)
def test_A06_what_was_shown_must_be_current(ticket, shown) -> None:
    error = refuse(StaleVersion, ticket, "bob", **shown)
    assert error.extra["digest"] == fresh(ticket).content.digest
    assert error.extra["ticket_version"] == fresh(ticket).version


def test_A06_what_was_shown_and_is_current_is_taken(ticket) -> None:
    now = fresh(ticket)
    act(ticket, "bob", ticket_version=now.version, digest=now.content.digest)
    assert waiting(ticket) == ["dave"]


class TestModes:
    """any 或签, all 会签, sequence 依次, ratio 比例."""

    @staticmethod
    def start(mode, people: int = 4):
        names = [f"p{i}" for i in range(people)]
        User.objects.bulk_create(User(username=name, name=name) for name in names)
        template([approval("node", *({"user": name} for name in names), mode=mode)])
        return submit()

    def test_any_needs_one(self) -> None:
        ticket = self.start("any")
        assert waiting(ticket) == ["p0", "p1", "p2", "p3"]
        assert act(ticket, "p2").state == "completed"
        assert kinds(ticket).count("task.approved") == 1

    def test_all_needs_everybody(self) -> None:
        ticket = self.start("all")
        for i in (3, 1, 0):
            assert act(ticket, f"p{i}").state == "approving"
        assert act(ticket, "p2").state == "completed"

    def test_one_veto_ends_all(self) -> None:
        ticket = self.start("all")
        act(ticket, "p0")
        assert act(ticket, "p1", "veto").state == "vetoed"
        assert waiting(ticket) == []

    @pytest.mark.parametrize(("ratio", "yeses"), [(0.25, 1), (0.26, 2), (0.5, 2), (0.75, 3), (0.76, 4), (1, 4)])
    def test_a_ratio_needs_its_part(self, ratio, yeses) -> None:
        ticket = self.start({"ratio": ratio})
        for i in range(yeses - 1):
            assert act(ticket, f"p{i}").state == "approving"
        assert act(ticket, f"p{yeses - 1}").state == "completed"

    def test_a_sequence_asks_one_after_the_other(self) -> None:
        ticket = self.start("sequence", 3)
        queue = NodeVisit.objects.get(ticket=ticket)
        assert [entry["username"] for entry in queue.queue] == ["p1", "p2"]
        for i in range(3):
            assert waiting(ticket) == [f"p{i}"]
            act(ticket, f"p{i}", at=NOW + timedelta(hours=i))
        assert fresh(ticket).state == "completed"
        assert kinds(ticket).count("task.assigned") == 3
        assert breaks(ticket) == []

    def test_a_sequence_passes_over_who_left(self) -> None:
        ticket = self.start("sequence", 3)
        User.objects.filter(username="p1").update(is_active=False)
        act(ticket, "p0")
        assert waiting(ticket) == ["p2"]

    def test_A11_a_sequence_whose_rest_left_is_escalated(self) -> None:
        ticket = self.start("sequence", 3)
        User.objects.filter(username__in=["p1", "p2"]).update(is_active=False)
        act(ticket, "p0")
        assert waiting(ticket) == ["bob"]
        assert act(ticket, "bob").state == "completed"

    def test_I04_an_escalation_never_seats_somebody_twice(self) -> None:
        """bob, alice's manager, has signed; dave leaves: carol is asked, not bob again."""
        template([approval("node", {"manager": 1}, {"role": "dba"}, mode="sequence")])
        ticket = submit()
        User.objects.filter(username="dave").update(is_active=False)
        act(ticket, "bob")
        assert waiting(ticket) == ["carol"]
        assert act(ticket, "carol").state == "completed"
        assert breaks(ticket) == []

    def test_I10_a_sequence_that_nobody_can_go_on_with_is_listed(self) -> None:
        template([approval("node", {"manager": 1}, {"role": "dba"}, mode="sequence")])
        ticket = submit()
        User.objects.filter(username__in=["dave", "carol", "admin"]).update(is_active=False)
        act(ticket, "bob")
        assert (fresh(ticket).state, waiting(ticket)) == ("approving", [])
        assert ticket in stuck_tickets(Ticket.objects.all())


class TestTheApplicant:
    """I03, A03: the applicant never decides, in whatever dress."""

    def test_as_member_of_the_group(self) -> None:
        give_role("dba", "alice")
        template([approval("a", {"role": "dba"}, mode="all")])
        ticket = submit()
        assert waiting(ticket) == ["dave"]

    def test_as_the_only_candidate(self) -> None:
        give_role("own", "alice")
        template([approval("a", {"role": "own"})])
        assert waiting(submit()) == ["bob"]

    def test_as_administrator(self) -> None:
        template([approval("a", {"user": "bob"})])
        ticket = submit(by="admin")
        refuse(NotYourTask, ticket, "admin", seat="bob")

    def test_after_being_added_to_the_role(self) -> None:
        template([approval("a", {"role": "dba"})])
        ticket = submit()
        give_role("dba", "alice")
        refuse(NotYourTask, ticket, "alice", seat="dave")

    def test_as_their_own_manager_and_head(self) -> None:
        template([approval("a", {"department_head": 1})])
        assert waiting(submit(by="bob")) == ["carol"]

    def test_by_a_seat_that_somebody_else_gave_them(self) -> None:
        """A row moved to the applicant by hand does not let them decide."""
        template([approval("a", BOB)])
        ticket = submit()
        ApprovalTask.objects.filter(ticket=ticket).update(assignee=user("alice"))
        refuse(OwnTicket, ticket, "alice")

    def test_on_self_allow_lets_them(self) -> None:
        template([approval("a", {"applicant": True}, on_self="allow")])
        ticket = submit()
        refuse(WrongState, ticket, "alice", "return")
        assert act(ticket, "alice").state == "completed"

    def test_on_self_approve_says_that_the_system_did(self) -> None:
        template([approval("a", {"applicant": True}, on_self="approve")])
        ticket = submit()
        assert ticket.state == "completed"
        passed = Event.objects.get(ticket=ticket, kind="task.passed")
        assert passed.actor is None
        assert passed.data["reason"]["en"] == "the applicant is the approver"
        assert NodeVisit.objects.get(ticket=ticket).state == "skipped"
        assert breaks(ticket) == []

    def test_a_confirm_is_theirs_to_give(self) -> None:
        template([approval("a", BOB), {"node": "c", "type": "confirm", "assignees": [{"applicant": True}]}])
        ticket = submit()
        act(ticket, "bob")
        refuse(WrongState, ticket, "alice", "return")
        assert act(ticket, "alice", "confirm").state == "completed"


class TestNobody:
    """I10: nobody found is never silent."""

    def test_it_is_escalated(self) -> None:
        give_role("empty")
        template([approval("a", {"role": "empty"})])
        ticket = submit()
        assert waiting(ticket) == ["bob"]
        assert ApprovalTask.objects.get(ticket=ticket).reason["en"].startswith("escalated")

    def test_block_waits_and_is_listed(self) -> None:
        give_role("empty")
        template([approval("a", {"role": "empty"}, on_empty="block")])
        ticket = submit()
        assert (ticket.state, waiting(ticket)) == ("approving", [])
        assert ticket in stuck_tickets(Ticket.objects.all())
        assert breaks(ticket) == []

    def test_an_administrator_alone_is_blocked_not_passed(self) -> None:
        template([approval("a", {"manager": 1})])
        ticket = submit(by="admin")
        assert (ticket.state, waiting(ticket)) == ("approving", [])
        assert ticket in stuck_tickets(Ticket.objects.all())

    def test_approve_passes_and_says_why(self) -> None:
        give_role("empty")
        template([approval("a", {"role": "empty"}, on_empty="approve")])
        ticket = submit()
        assert ticket.state == "completed"
        assert "task.passed" in kinds(ticket)

    def test_F40_an_approver_who_leaves_makes_it_stuck_never_passed(self) -> None:
        template([approval("a", BOB)])
        ticket = submit()
        assert ticket not in stuck_tickets(Ticket.objects.all())
        User.objects.filter(username="bob").update(is_active=False)
        assert fresh(ticket).state == "approving"
        assert ticket in stuck_tickets(Ticket.objects.all())


def test_a_copy_shows_the_ticket_to_who_was_told() -> None:
    template([{"node": "tell", "type": "cc", "to": [{"role": "sre"}, {"applicant": True}]}, approval("a", BOB)])
    ticket = submit()
    copies = Participant.objects.filter(ticket=ticket, kind="cc").values_list("user__username", flat=True)
    assert set(copies) == {"alice", "erin", "grace"}
    assert waiting(ticket) == ["bob"]
    assert Event.objects.get(ticket=ticket, kind="ticket.copied").data["users"] == ["erin", "grace", "alice"]


def test_a_branch_says_which_way_and_why() -> None:
    cases = [
        {"name": "Big", "when": "form.n > 10", "chain": [approval("big", {"role": "dba"})]},
        {"otherwise": True, "chain": []},
    ]
    form = [{"key": "n", "type": "number", "label": "N", "required": True}]
    template([{"node": "b", "type": "branch", "cases": cases}, approval("a", BOB)], form)
    small, big = submit(form={"n": 10}), submit(form={"n": 11})
    assert (waiting(small), waiting(big)) == (["bob"], ["dave"])
    taken = Event.objects.get(ticket=big, kind="branch.taken").data
    assert (taken["case"], taken["when"]) == ("Big", "form.n > 10")
    assert "form.n > 10" in pending(big).reason["en"]
    act(big, "dave")
    assert waiting(big) == ["bob"]


def test_due_counts_from_the_opening_of_the_seat() -> None:
    template([approval("a", BOB, due="4h"), approval("b", {"role": "dba"}, due="30s"), approval("c", BOB, due="2d")])
    ticket = submit()
    at = NOW
    for who, more in (("bob", timedelta(hours=4)), ("dave", timedelta(seconds=30)), ("bob", timedelta(days=2))):
        assert pending(ticket).due_at == at + more
        at += timedelta(minutes=7)
        act(ticket, who, at=at)
