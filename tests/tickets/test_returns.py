"""退回: what is offered is accepted, everything else refused; what stands afterwards (I5, I8, I17)."""

from datetime import timedelta

import pytest

from accounts.models import User
from tests.factories import (
    HOST,
    HOSTS,
    NOW,
    act,
    approval,
    begin,
    finish,
    fresh,
    last_event,
    move,
    opened,
    parallel,
    pending,
    proxy,
    restart,
    resubmit,
    submit,
    template,
    user,
    visit,
    waiting,
)
from tickets import ledger
from tickets.commands import execution
from tickets.errors import AlreadyRunning, Invalid, SecondSeat, StaleVersion
from tickets.models import ApprovalTask, Event, NodeVisit
from tickets.queries.detail import ticket_detail

pytestmark = pytest.mark.usefixtures("sound")
HOUR = timedelta(hours=1)
TEXT = [{"key": "t", "type": "text", "label": "T"}]


def one(node: str, who: str, **more):
    return approval(node, {"user": who}, **more)


def offered(ticket, who: str) -> list[str]:
    """Where this person's pending task may be returned to, as the page shows it."""
    task = pending(ticket, who).pk
    rows = ticket_detail(user(who), ticket.number, NOW)["tasks"]
    return [target["node"] for row in rows if row["id"] == task for target in row["return_to"]]


LONG = [
    one("a", "bob"),
    {"node": "way", "type": "branch", "cases": [
        {"when": "form.t == 'x'", "chain": [one("never", "grace")]},
        {"otherwise": True, "chain": [one("b", "carol")]}]},
    {"node": "tell", "type": "cc", "to": [{"user": "grace"}]},
    parallel("fork", [one("l", "dave"), one("l2", "erin")], [{"node": "do", "type": "confirm",
                                                             "assignees": [{"user": "frank"}]}]),
    one("last", "heidi"),
]  # fmt: skip
NODES = ["a", "way", "never", "b", "tell", "fork", "fork/join", "l", "l2", "do", "last", "none", "", "start"]


def walked(*people: str):
    """LONG, decided by these people in their order."""
    template(LONG, TEXT)
    ticket = submit(form={"t": "y"})
    for who in people:
        act(ticket, who, "confirm" if who == "frank" else "approve")
    return ticket


PLACES = [
    ((), "bob", []),
    (("bob",), "carol", ["a"]),
    (("bob", "carol"), "dave", ["a", "b"]),
    (("bob", "carol"), "frank", ["a", "b"]),
    (("bob", "carol", "dave"), "erin", ["a", "b", "l"]),
    (("bob", "carol", "frank", "dave"), "erin", ["a", "b", "l"]),
    (("bob", "carol", "frank", "dave", "erin"), "heidi", ["a", "b"]),
]


@pytest.mark.parametrize(("done", "who", "targets"), PLACES)
def test_what_is_offered_is_accepted_and_all_else_refused(done, who, targets) -> None:
    ticket = walked(*done)
    assert offered(ticket, who) == targets
    for node in {*NODES} - {*targets}:
        before = opened(ticket), fresh(ticket).event_seq
        with pytest.raises(Invalid) as refused:
            act(ticket, who, "return", to=node, comment="x")
        assert [(e["path"], e["code"]) for e in refused.value.errors] == [("to", "not_reachable")]
        assert (opened(ticket), fresh(ticket).event_seq) == before


@pytest.mark.parametrize("resume", ["here", "restart"])
@pytest.mark.parametrize(("done", "who", "target"), [(done, who, to) for done, who, found in PLACES for to in found])
def test_every_target_walks_to_the_end(done, who, target, resume) -> None:
    ticket = walked(*done)
    act(ticket, who, "return", to=target, comment="again", resume=resume)
    event = last_event(ticket, "task.returned")
    assert (event["to"], event["resume"]) == (target, resume)
    assert visit(ticket, target).round == 2
    assert fresh(ticket).state == "approving"
    for _step in range(20):
        if not waiting(ticket):
            break
        person = waiting(ticket)[0]
        act(ticket, person, "confirm" if person == "frank" else "approve")
    assert fresh(ticket).state == "completed"


def test_here_comes_straight_back() -> None:
    template([one("a", "bob"), one("b", "carol"), one("c", "dave")])
    ticket = submit()
    act(ticket, "bob")
    act(ticket, "carol")
    act(ticket, "dave", "return", to="a", comment="?", resume="here")
    assert waiting(ticket) == ["bob"]
    act(ticket, "bob")
    assert waiting(ticket) == ["dave"]
    assert visit(ticket, "c").round == 2
    assert act(ticket, "dave").state == "completed"


def test_here_comes_back_at_once_where_the_node_passes_now() -> None:
    who = {"key": "who", "type": "user", "label": "W", "required": True}
    fork = parallel("f", [approval("c", {"user": "dave"})], [approval("d", {"user": "erin"})])
    template([approval("a", {"form_user": "who"}, on_empty="approve"), approval("b", {"user": "carol"}), fork], [who])
    ticket = submit(form={"who": "frank"})
    act(ticket, "frank")
    act(ticket, "carol")
    User.objects.filter(username="frank").update(is_active=False)
    act(ticket, "dave", "return", to="a", resume="here", comment="again")
    assert waiting(ticket) == ["dave", "erin"]
    act(ticket, "dave")
    assert act(ticket, "erin").state == "completed"


def test_restart_asks_everybody_again() -> None:
    template([one("a", "bob"), one("b", "carol"), one("c", "dave")])
    ticket = submit()
    act(ticket, "bob")
    act(ticket, "carol")
    act(ticket, "dave", "return", to="a", comment="?")
    for who in ("bob", "carol", "dave"):
        assert waiting(ticket) == [who]
        act(ticket, who)
    assert [visit(ticket, node).round for node in "abc"] == [2, 2, 2]


def test_a_return_on_the_way_back_from_a_return() -> None:
    """dave sends it to carol with here; carol sends it on to bob with here: it comes back along the same way."""
    template([one("a", "bob"), one("b", "carol"), one("c", "dave")])
    ticket = submit()
    act(ticket, "bob")
    act(ticket, "carol")
    act(ticket, "dave", "return", to="b", comment="?", resume="here")
    act(ticket, "carol", "return", to="a", comment="?", resume="here")
    act(ticket, "bob")
    assert waiting(ticket) == ["carol"]
    act(ticket, "carol")
    assert waiting(ticket) == ["dave"]
    assert act(ticket, "dave").state == "completed"


def test_a_return_to_the_applicant_on_the_way_back_from_a_return() -> None:
    template([one("a", "bob"), one("b", "carol"), one("c", "dave")])
    ticket = submit()
    act(ticket, "bob")
    act(ticket, "carol")
    act(ticket, "dave", "return", to="a", comment="?", resume="here")
    act(ticket, "bob", "return", comment="?", resume="here")
    resubmit(ticket)
    assert waiting(ticket) == ["bob"]
    act(ticket, "bob")
    assert waiting(ticket) == ["dave"]


def test_I13_a_returned_node_must_be_approved_again_before_the_job() -> None:
    template([one("a", "bob"), one("b", "carol"), restart()], [HOSTS])
    ticket = submit(form=HOST)
    act(ticket, "bob")
    act(ticket, "carol", "return", to="a", comment="?")
    act(ticket, "bob")
    assert fresh(ticket).state == "approving"
    act(ticket, "carol")
    assert begin(ticket)


@pytest.mark.parametrize("resume", ["here", "restart"])
def test_I13_begin_accepts_what_was_returned_to_the_applicant_and_came_back(resume) -> None:
    template([one("a", "bob"), one("b", "carol"), restart()], [HOSTS])
    ticket = submit(form=HOST)
    act(ticket, "bob")
    act(ticket, "carol", "return", comment="?", resume=resume)
    resubmit(ticket)
    for who in ("carol",) if resume == "here" else ("bob", "carol"):
        assert waiting(ticket) == [who]
        act(ticket, who)
    assert begin(ticket)


def test_I05_a_changed_content_comes_straight_back_and_decisions_stand() -> None:
    template([one("a", "bob"), one("b", "carol"), restart()], [HOSTS, *TEXT])
    ticket = submit(form={**HOST, "t": "x"})
    act(ticket, "bob")
    old = fresh(ticket).content.digest
    act(ticket, "carol", "return", comment="?", resume="here")
    resubmit(ticket, {**HOST, "t": "y"})
    assert waiting(ticket) == ["carol"]
    with pytest.raises(StaleVersion):
        act(ticket, "carol", digest=old)
    act(ticket, "carol", digest=fresh(ticket).content.digest)
    assert fresh(ticket).content.facts["amends"] == [old]
    assert begin(ticket)


def test_I05_where_nobody_asked_to_come_back_a_changed_content_starts_anew() -> None:
    template([one("a", "bob"), one("b", "carol"), restart()], [HOSTS, *TEXT])
    ticket = submit(form={**HOST, "t": "x"})
    act(ticket, "bob")
    act(ticket, "carol", "return", comment="?")
    resubmit(ticket, {**HOST, "t": "y"})
    assert waiting(ticket) == ["bob"]
    act(ticket, "bob")
    act(ticket, "carol")
    assert begin(ticket)


WAY = {"node": "way", "type": "branch", "cases": [
    {"when": "form.n > 5", "chain": [one("big", "dave")]}, {"otherwise": True, "chain": []}]}  # fmt: skip
COURSE = [
    {"key": "n", "type": "number", "label": "N", "required": True},
    {"key": "who", "type": "user", "label": "W"},
    HOSTS,
]
ASKED = {**HOST, "n": 1, "who": "frank"}


@pytest.mark.parametrize(("change", "expected"), [
    ({"n": 2}, ["carol"]),
    ({"hosts": ["demo-02"]}, ["bob"]),
    ({"who": "erin"}, ["bob"]),
    ({"n": 9}, ["bob"]),
])  # fmt: skip
def test_I05_plan_people_and_way_start_anew_whatever_was_asked(change, expected) -> None:
    """A field that none of them depends on does not, be it a number: `here` comes straight back."""
    last = approval("last", {"form_user": "who"})
    template([one("a", "bob"), approval("b", {"user": "carol"}, {"user": "grace"}, mode="all"), WAY, last, restart()],
             COURSE)  # fmt: skip
    ticket = submit(form=ASKED)
    act(ticket, "bob")
    act(ticket, "grace")
    act(ticket, "carol", "return", comment="?", resume="here")
    resubmit(ticket, {**ASKED, **change})
    assert waiting(ticket) == expected
    while waiting(ticket):
        act(ticket, waiting(ticket)[0])
    assert begin(ticket)


def test_I05_whom_the_applicant_chooses_anew_starts_anew() -> None:
    template([one("a", "bob"), approval("b", {"chosen_by": "applicant"}), one("c", "grace")])
    ticket = submit(chosen={"b": ["carol"]})
    act(ticket, "bob")
    act(ticket, "carol", "return", comment="?", resume="here")
    resubmit(ticket, chosen={"b": ["dave"]})
    assert waiting(ticket) == ["bob"]


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


def test_I13_an_author_may_want_to_be_asked_after_every_resubmission() -> None:
    """on_edit: ask_again at a step asks its people first, then comes back to who returned it."""
    template([one("a", "bob", on_edit="ask_again"), one("b", "frank"), one("c", "carol"), restart()], [HOSTS, *TEXT])
    ticket = submit(form={**HOST, "t": "x"})
    act(ticket, "bob")
    act(ticket, "frank")
    act(ticket, "carol", "return", comment="?", resume="here")
    resubmit(ticket, {**HOST, "t": "y"})
    event = last_event(ticket, "ticket.resubmitted")
    assert (event["nodes"], event["again"]) == (["c"], ["a"])
    assert event["diff"] == [{"field": "t", "before": "x", "after": "y"}]
    for who in ("bob", "carol"):
        assert waiting(ticket) == [who]
        act(ticket, who)
    assert begin(ticket)


def test_I05_here_does_not_come_back_along_a_way_that_an_edit_on_the_way_changed() -> None:
    n = {"key": "n", "type": "number", "label": "N", "required": True, "editable_at": ["a"]}
    template([approval("a", {"user": "bob"}, {"user": "erin"}), WAY, one("c", "carol"), restart()], [HOSTS, n])
    ticket = submit(form={**HOST, "n": 1})
    act(ticket, "bob")
    act(ticket, "carol", "return", to="a", comment="?", resume="here")
    act(ticket, "bob", form={"n": 9})
    assert last_event(ticket, "ticket.edited")["voided"] is True
    assert waiting(ticket) == ["erin"]
    for who in ("erin", "dave", "carol"):
        act(ticket, who)
    assert begin(ticket)


class TestJobs:
    CHAIN = [one("a", "bob"), one("b", "carol"), restart(), one("c", "dave"), one("d", "erin")]

    @pytest.fixture
    def ticket(self):
        template(self.CHAIN, [HOSTS])
        ticket = submit(form=HOST)
        act(ticket, "bob")
        act(ticket, "carol")
        begin(ticket)
        finish(ticket)
        return ticket

    def test_I14_never_to_before_a_job_that_has_begun(self, ticket) -> None:
        assert offered(ticket, "dave") == []
        for node in ("a", "b", "run"):
            with pytest.raises(Invalid):
                act(ticket, "dave", "return", to=node, comment="x")
        act(ticket, "dave")
        assert offered(ticket, "erin") == ["c"]

    def test_I14_a_resolved_job_has_begun_too(self) -> None:
        template(self.CHAIN, [HOSTS])
        ticket = submit(form=HOST)
        act(ticket, "bob")
        act(ticket, "carol")
        begin(ticket)
        finish(ticket, ok=False)
        execution.resolve(visit_id=visit(ticket, "run").pk, job_id=1, actor=user("erin"), at=NOW, comment="x")
        assert offered(ticket, "dave") == []

    def test_I17_not_while_a_job_runs_beside(self) -> None:
        template([one("a", "bob"), parallel("fork", [restart()], [one("r", "dave"), one("r2", "erin")])], [HOSTS])
        ticket = submit(form=HOST)
        act(ticket, "bob")
        act(ticket, "dave")
        assert offered(ticket, "erin") == ["a", "r"]
        begin(ticket)
        assert offered(ticket, "erin") == ["r"]
        with pytest.raises((AlreadyRunning, Invalid)):
            act(ticket, "erin", "return", to="a", comment="x")
        with pytest.raises(AlreadyRunning):
            act(ticket, "erin", "return", comment="x")

    def test_I14_a_return_to_the_applicant_after_a_run_asks_for_a_new_run(self, ticket) -> None:
        """Going back to the applicant is allowed: the new run has its own visit and its own approvals."""
        act(ticket, "dave", "return", comment="again please")
        resubmit(ticket)
        assert waiting(ticket) == ["bob"]
        act(ticket, "bob")
        act(ticket, "carol")
        assert visit(ticket, "run").round == 2
        assert begin(ticket, job=2)

    def test_I14_here_after_a_run_does_not_run_again(self, ticket) -> None:
        act(ticket, "dave", "return", comment="why?", resume="here")
        resubmit(ticket)
        assert waiting(ticket) == ["dave"]
        assert NodeVisit.objects.filter(ticket=ticket, node="run").count() == 1


def test_rounds_are_numbered() -> None:
    template([one("a", "bob"), one("b", "carol")])
    ticket = submit()
    for expected in (1, 2, 3):
        act(ticket, "bob")
        assert visit(ticket, "b").round == expected
        act(ticket, "carol", "return", to="a", comment="?")
    rounds = list(NodeVisit.objects.filter(ticket=ticket, node="a").order_by("id").values_list("round", flat=True))
    assert rounds == [1, 2, 3, 4]


def test_a_passed_node_is_no_target() -> None:
    template([approval("a", {"applicant": True}, on_self="approve"), one("b", "carol")])
    ticket = submit()
    assert offered(ticket, "carol") == []


def test_a_node_left_by_a_return_in_an_earlier_pass_is_no_target_after_the_way_changed() -> None:
    """After a resubmit that takes the other case, the node of the old way is out of reach."""
    way = {"node": "way", "type": "branch", "cases": [
        {"when": "form.t == 'x'", "chain": [one("x", "dave")]}, {"otherwise": True, "chain": []}]}  # fmt: skip
    template([way, one("b", "carol")], TEXT)
    ticket = submit(form={"t": "x"})
    act(ticket, "dave")
    assert offered(ticket, "carol") == ["x"]
    act(ticket, "carol", "return", comment="?")
    resubmit(ticket, {"t": "y"})
    assert offered(ticket, "carol") == []


def test_an_approval_given_on_an_older_content_is_no_target() -> None:
    """In this pass nobody has been asked at `b` yet: there is nothing to go back to."""
    template([one("a", "bob"), one("b", "carol"), one("c", "dave")], TEXT)
    ticket = submit(form={"t": "x"})
    act(ticket, "bob")
    act(ticket, "carol")
    act(ticket, "dave", "return", comment="?")
    resubmit(ticket, {"t": "y"})
    assert offered(ticket, "bob") == []
    act(ticket, "bob")
    assert offered(ticket, "carol") == ["a"]


def test_A02_the_applicant_cannot_return_his_own_confirmation() -> None:
    template([one("a", "bob"), {"node": "c", "type": "confirm", "assignees": [{"applicant": True}]}])
    ticket = submit()
    act(ticket, "bob")
    task = ApprovalTask.objects.get(ticket=ticket, state="pending")
    rows = ticket_detail(user("alice"), ticket.number, NOW)["tasks"]
    assert [row["allowed_actions"] for row in rows if row["id"] == task.pk] == [["confirm", "transfer"]]
