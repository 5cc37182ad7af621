"""子工单: children that run something (I14, I17)."""

from typing import Any

import pytest

from tests.factories import (
    HOSTS,
    NOW,
    act,
    begin,
    finish,
    fresh,
    kinds,
    one,
    opened,
    parallel,
    restart,
    resubmit,
    submit,
    template,
    user,
    visit,
    waiting,
)
from tests.tickets.family import children, end
from tickets.commands.children import wake_all
from tickets.commands.withdraw import withdraw
from tickets.errors import AlreadyRunning, Invalid
from tickets.models import Ticket
from tickets.queries.detail import ticket_detail

pytestmark = pytest.mark.usefixtures("sound")


def machine(*before, after=(), fields=(), **more) -> Ticket:
    """A ticket with a sub-ticket for each host, which runs something there when dave approves."""
    template([one("x", "dave"), restart()], [HOSTS], key="child")
    node: dict[str, Any] = {"node": "sub", "type": "subticket", "template": "child", "for_each": "form.hosts"}
    node |= {"form": {"hosts": "[item]"}, **more}
    template(
        [*before, parallel("fork", [node], [one("r", "frank")]), *(after or [one("last", "erin")])], [HOSTS, *fields]
    )
    ticket = submit(form={"hosts": ["demo-01", "demo-02"]})
    for step in before:
        act(ticket, step["approvers"][0]["user"])
    return ticket


def run(child, *, to_the_end: bool = True) -> None:
    """The child's job begins, and ends well."""
    act(child, "dave")
    begin(child)
    if to_the_end:
        finish(child)
        wake_all(NOW)


def offered(ticket) -> set[str]:
    """What the page offers to the applicant and to frank, who is asked."""
    pages = [ticket_detail(user(who), ticket.number, NOW) for who in ("alice", "frank")]
    return {verb for page in pages for verb in page["allowed_actions"]}


def take_back(ticket) -> Ticket:
    return withdraw(number=ticket.number, actor=user("alice"), at=NOW)


class TestTheirJobs:
    """What runs below is the parent's too: nobody walks away from it, nor starts it twice (I14, I17)."""

    @pytest.mark.parametrize(
        ("end_it", "state"),
        [
            (take_back, "withdrawn"),
            (lambda ticket: act(ticket, "frank", "veto", comment="no"), "vetoed"),
            (lambda ticket: act(ticket, "frank", "return", comment="?"), "returned"),
            (lambda ticket: act(ticket, "frank", "return", comment="?", to="a"), "approving"),
        ],
    )
    @pytest.mark.parametrize("wait", ["all", "none"])
    def test_I17_one_that_runs_is_not_walked_away_from(self, end_it, state, wait) -> None:
        ticket = machine(one("a", "bob"), wait=wait)
        first, second = children(ticket)
        run(second, to_the_end=False)
        before = fresh(ticket).event_seq, fresh(first).event_seq
        assert not {"withdraw", "veto", "return"} & offered(ticket)
        with pytest.raises(AlreadyRunning, match=second.number):
            end_it(ticket)
        assert (fresh(ticket).event_seq, fresh(first).event_seq) == before
        finish(second, ok=False)
        assert {"withdraw", "veto", "return"} <= offered(ticket)
        if state == "approving":
            with pytest.raises(Invalid):
                end_it(ticket)
        else:
            assert end_it(ticket).state == state
            assert {fresh(child).state for child in (first, second)} == {"withdrawn"}

    def test_I17_an_edit_beside_one_that_has_run_holds_nobody(self) -> None:
        note = {"key": "note", "type": "text", "label": "N", "editable_at": ["r"]}
        ticket = machine(fields=[note])
        run(children(ticket)[0])
        act(ticket, "frank", form={"note": "x"})
        assert visit(ticket, "sub").has_begun
        assert take_back(ticket).state == "withdrawn"

    @pytest.mark.parametrize("wait", ["all", "none"])
    def test_I14_what_ran_below_is_not_run_again_on_the_signatures_of_before(self, wait) -> None:
        ticket = machine(one("a", "bob"), wait=wait)
        for child in children(ticket):
            run(child)
        act(ticket, "frank")
        with pytest.raises(Invalid) as refused:
            act(ticket, "erin", "return", comment="once more", to="a")
        assert refused.value.errors[0]["code"] == "not_reachable"
        assert waiting(ticket) == ["erin"]
        assert len(children(ticket)) == 2

    @pytest.mark.parametrize("dedup", ["none", "all"])
    def test_I14_after_a_return_to_the_applicant_all_are_asked_again(self, dedup) -> None:
        """Even `here`, and even those whom dedup would have passed."""
        ticket = machine(one("a", "bob", dedup=dedup))
        run(children(ticket)[0])
        act(ticket, "frank", "return", comment="?", resume="here")
        resubmit(ticket)
        assert (waiting(ticket), opened(ticket)) == (["bob"], ["a"])

    def test_what_has_not_run_is_made_again(self) -> None:
        ticket = machine(one("a", "bob"))
        act(ticket, "frank", "return", comment="?", to="a", resume="here")
        act(ticket, "bob")
        assert opened(ticket) == ["fork", "r", "sub"]
        assert [c.state for c in children(ticket)] == ["withdrawn", "withdrawn", "approving", "approving"]

    @pytest.mark.parametrize(("on_failure", "state"), [("return", "returned"), ("veto", "vetoed")])
    def test_a_failed_child_while_the_job_of_another_runs_is_heard_afterwards(self, on_failure, state) -> None:
        ticket = machine(on_child_failure=on_failure)
        first, second = children(ticket)
        run(second, to_the_end=False)
        end(first, "veto")
        assert (fresh(ticket).state, kinds(ticket).count("subticket.ended")) == ("approving", 0)
        finish(second)
        wake_all(NOW)
        assert fresh(ticket).state == state
        assert kinds(ticket).count("subticket.ended") == 2
