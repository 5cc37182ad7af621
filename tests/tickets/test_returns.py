"""退回: what stands after a return, and who is asked again (I05, I13, A02)."""

from typing import Any

import pytest

from accounts.models import User
from tests.factories import (
    HOST,
    HOSTS,
    NOW,
    act,
    approval,
    begin,
    fresh,
    last_event,
    one,
    parallel,
    restart,
    resubmit,
    submit,
    template,
    user,
    visit,
    waiting,
)
from tickets.errors import StaleVersion
from tickets.models import ApprovalTask, NodeVisit
from tickets.queries.detail import ticket_detail

pytestmark = pytest.mark.usefixtures("sound")
TEXT = [{"key": "t", "type": "text", "label": "T"}]


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
COURSE: list[dict[str, Any]] = [
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


def test_rounds_are_numbered() -> None:
    template([one("a", "bob"), one("b", "carol")])
    ticket = submit()
    for expected in (1, 2, 3):
        act(ticket, "bob")
        assert visit(ticket, "b").round == expected
        act(ticket, "carol", "return", to="a", comment="?")
    rounds = list(NodeVisit.objects.filter(ticket=ticket, node="a").order_by("id").values_list("round", flat=True))
    assert rounds == [1, 2, 3, 4]


def test_A02_the_applicant_cannot_return_his_own_confirmation() -> None:
    template([one("a", "bob"), {"node": "c", "type": "confirm", "assignees": [{"applicant": True}]}])
    ticket = submit()
    act(ticket, "bob")
    task = ApprovalTask.objects.get(ticket=ticket, state="pending")
    rows = ticket_detail(user("alice"), ticket.number, NOW)["tasks"]
    assert [row["allowed_actions"] for row in rows if row["id"] == task.pk] == [["confirm", "transfer"]]
