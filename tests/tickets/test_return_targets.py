"""退回: targets that are offered are accepted, all others refused (I05, I08, I14, I17)."""

import pytest

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
    one,
    opened,
    parallel,
    pending,
    restart,
    resubmit,
    submit,
    template,
    user,
    visit,
    waiting,
)
from tickets.commands import execution
from tickets.errors import AlreadyRunning, Invalid
from tickets.models import NodeVisit
from tickets.queries.detail import ticket_detail

pytestmark = pytest.mark.usefixtures("sound")
TEXT = [{"key": "t", "type": "text", "label": "T"}]


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
