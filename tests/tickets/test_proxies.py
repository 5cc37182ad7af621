"""Proxies: window, scope, one hop, never the applicant (I11, A04, A13)."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.commands import revoke_proxy
from accounts.models import User
from common.paging import Page
from tests.api.calls import Api
from tests.factories import (
    HOST,
    HOSTS,
    HOUR,
    NOW,
    act,
    approval,
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
    waiting,
)
from tickets.errors import NotFound, NotYourTask, OwnTicket, SecondSeat
from tickets.models import ApprovalTask, Event, Participant
from tickets.queries.counts import counts
from tickets.queries.detail import ticket_detail
from tickets.queries.inbox import inbox
from tickets.queries.lists import ticket_list
from tickets.queries.visible import may_see

pytestmark = pytest.mark.usefixtures("world")
SECOND = timedelta(seconds=1)
CHECK = {"node": "check", "type": "confirm"}


@pytest.fixture
def ticket():
    template([approval("a", {"manager": 1})])
    return submit()


def sees(who: str, ticket, at=NOW) -> bool:
    """Whether every read path shows it; they must agree (I23)."""
    someone = user(who)
    page = Page(100, None)
    paths = {
        may_see(someone, ticket, at),
        bool([row for row in ticket_list(someone, "todo", {}, page, at)["results"] if row["number"] == ticket.number]),
        bool(
            [row for row in inbox(someone, "pending", page, at)["results"] if row["ticket"]["number"] == ticket.number]
        ),
        counts(someone, at)["todo"] > 0,
    }
    assert len(paths) == 1
    return paths.pop()


@pytest.mark.parametrize(
    ("at", "holds"),
    [
        (NOW - SECOND, False), (NOW, True), (NOW + HOUR - timedelta(microseconds=1), True), (NOW + HOUR, False),
        (NOW + HOUR + SECOND, False),
    ],
)  # fmt: skip
def test_I11_the_window_to_the_microsecond(ticket, at, holds) -> None:
    proxy("bob", "carol", NOW, NOW + HOUR)
    assert sees("carol", ticket, at) is holds
    if holds:
        assert act(ticket, "carol", seat="bob", at=at).state == "completed"
    else:
        with pytest.raises(NotFound):
            act(ticket, "carol", seat="bob", at=at)
        assert waiting(ticket) == ["bob"]


@pytest.mark.parametrize(("ends", "status"), [(-SECOND, 404), (HOUR, 200)])
def test_I11_by_the_databases_clock_whatever_the_web_process_believes(ticket, monkeypatch, ends, status) -> None:
    really = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: really - HOUR / 2 if ends < HOUR else really + 2 * HOUR)
    proxy("bob", "carol", really - HOUR, really + ends)
    task = pending(ticket).pk
    assert Api("carol").post(f"tasks/{task}/approve").status_code == status
    assert Api("bob").post("tasks/bulk", {"ids": [task], "action": "approve", "comment": ""}).json()[0]["ok"] is (
        status == 404
    )


def test_both_names_are_recorded(ticket) -> None:
    proxy("bob", "carol", NOW, NOW + HOUR)
    act(ticket, "carol", seat="bob")
    task = ApprovalTask.objects.get(ticket=ticket)
    assert (task.assignee, task.decided_by, task.on_behalf_of) == (user("bob"), user("carol"), user("bob"))
    event = Event.objects.get(ticket=ticket, kind="task.approved")
    assert (event.actor, event.on_behalf_of) == (user("carol"), user("bob"))
    assert breaks(ticket) == []


@pytest.mark.parametrize("verb", ["approve", "return", "veto"])
def test_I25_a_decision_says_who_when_how_and_on_what(ticket, verb) -> None:
    shown = fresh(ticket).content.digest
    act(ticket, "bob", verb, comment="because", at=NOW + HOUR)
    told = Event.objects.get(ticket=ticket, kind__in=["task.approved", "task.returned", "task.vetoed"])
    assert (told.actor, told.on_behalf_of, told.at) == (user("bob"), None, NOW + HOUR)
    facts = [told.data[key] for key in ("assignee", "channel", "comment", "digest")]
    assert facts == ["bob", "web", "because", shown]


def test_who_decided_as_a_proxy_sees_it_when_the_window_is_over(ticket) -> None:
    proxy("bob", "carol", NOW, NOW + HOUR)
    act(ticket, "carol", seat="bob")
    later = NOW + 2 * HOUR
    assert may_see(user("carol"), ticket, later)
    done = ticket_list(user("carol"), "done", {}, Page(10, None), later)["results"]
    assert [row["number"] for row in done] == [ticket.number]
    assert ticket_detail(user("carol"), ticket.number, later)["number"] == ticket.number


@pytest.mark.parametrize(
    ("templates", "holds"), [(None, True), (["t"], True), (["leave", "t"], True), (["leave"], False), ([], False)]
)
def test_I11_the_scope(ticket, templates, holds) -> None:
    proxy("bob", "carol", NOW, NOW + HOUR, templates)
    assert sees("carol", ticket) is holds
    if not holds:
        with pytest.raises(NotFound):
            act(ticket, "carol", seat="bob")


def test_I11_one_hop(ticket) -> None:
    proxy("bob", "carol", NOW, NOW + HOUR)
    proxy("carol", "dave", NOW, NOW + HOUR)
    assert not sees("dave", ticket)
    with pytest.raises(NotFound):
        act(ticket, "dave", seat="bob")


def test_A13_a_circle_of_proxies_is_no_key(ticket) -> None:
    proxy("bob", "carol", NOW, NOW + HOUR)
    proxy("carol", "bob", NOW, NOW + HOUR)
    assert act(ticket, "carol", seat="bob").state == "completed"


def test_A13_revoked_with_the_page_open(ticket) -> None:
    held = proxy("bob", "carol", NOW, NOW + HOUR)
    assert sees("carol", ticket)
    revoke_proxy(actor=user("bob"), proxy_id=held.pk, at=NOW)
    with pytest.raises(NotFound):
        act(ticket, "carol", seat="bob")


@pytest.mark.parametrize("gone", ["bob", "carol"])
def test_A13_principal_or_agent_disabled(ticket, gone) -> None:
    proxy("bob", "carol", NOW, NOW + HOUR)
    User.objects.filter(username=gone).update(is_active=False)
    assert not sees("carol", ticket)
    with pytest.raises(NotFound):
        act(ticket, "carol", seat="bob")


def test_A03_never_the_applicant(ticket) -> None:
    proxy("bob", "alice", NOW, NOW + HOUR)
    with pytest.raises(OwnTicket):
        act(ticket, "alice", seat="bob")
    shown = ticket_detail(user("alice"), ticket.number, NOW)
    assert not {"approve", "veto", "return"} & set(shown["allowed_actions"])
    assert waiting(ticket) == ["bob"]


def test_A03_an_administrator_who_applies_is_nobodys_proxy() -> None:
    template([approval("a", {"user": "bob"})])
    ticket = submit(by="admin")
    proxy("bob", "admin", NOW, NOW + HOUR)
    with pytest.raises(OwnTicket):
        act(ticket, "admin", seat="bob")


def test_the_principal_still_decides_himself(ticket) -> None:
    proxy("bob", "carol", NOW, NOW + HOUR)
    assert act(ticket, "bob").state == "completed"
    assert ApprovalTask.objects.get(ticket=ticket).on_behalf_of is None


@pytest.mark.parametrize("first", ["own", "other"])
def test_A04_one_person_signs_a_step_once(first) -> None:
    template([approval("both", {"user": "bob"}, {"user": "dave"}, mode="all")])
    ticket = submit()
    proxy("dave", "bob", NOW, NOW + HOUR)
    seats = ["bob", "dave"] if first == "own" else ["dave", "bob"]
    act(ticket, "bob", seat=seats[0])
    with pytest.raises(SecondSeat):
        act(ticket, "bob", seat=seats[1])
    assert fresh(ticket).state == "approving"
    verbs = {
        task["assignee"]: task["allowed_actions"] for task in ticket_detail(user("bob"), ticket.number, NOW)["tasks"]
    }
    assert "approve" not in verbs[seats[1]]
    assert "return" in verbs[seats[1]]
    listed = inbox(user("bob"), "pending", Page(10, None), NOW)["results"]
    assert [row["allowed_actions"] for row in listed] == [["return", "veto", "transfer", "add_sign"]]
    act(ticket, "bob", "veto", seat=seats[1])
    assert fresh(ticket).state == "vetoed"


def test_A04_two_proxies_count_as_two_people_only_where_they_are() -> None:
    template([approval("both", {"user": "bob"}, {"user": "dave"}, mode="all")])
    ticket = submit()
    proxy("bob", "carol", NOW, NOW + HOUR)
    proxy("dave", "carol", NOW, NOW + HOUR)
    act(ticket, "carol", seat="bob")
    with pytest.raises(SecondSeat):
        act(ticket, "carol", seat="dave")
    assert act(ticket, "dave").state == "completed"
    assert breaks(ticket) == []


def test_what_a_proxy_may_see_of_others(ticket) -> None:
    """A proxy of the applicant or of somebody told sees nothing: only approvers lend their eyes."""
    proxy("alice", "heidi", NOW, NOW + HOUR)
    assert not may_see(user("heidi"), ticket, NOW)
    Participant.objects.create(ticket=ticket, user=user("grace"), kind="cc")
    proxy("grace", "frank", NOW, NOW + HOUR)
    assert not may_see(user("frank"), ticket, NOW)
    with pytest.raises(NotFound):
        act(ticket, "heidi", seat="bob")


def test_a_colleague_without_a_seat_is_told_so(ticket) -> None:
    Participant.objects.create(ticket=ticket, user=user("grace"), kind="cc")
    with pytest.raises(NotYourTask):
        act(ticket, "grace", seat="bob")
    assert pending(ticket).state == "pending"


def test_A03_a_proxy_who_changed_what_runs_has_no_to_do_of_it() -> None:
    """carol stands in for bob and for dave; her edit for bob starts the chain over, and she signs it nowhere."""
    service = {"key": "service", "type": "select", "label": "S", "options": ["nginx", "mysql"], "editable_at": ["a"]}
    run = restart(params={"service": "form.service"})
    chain = [approval("a", {"user": "bob"}, {"user": "dave"}, mode="all"), {**CHECK, "assignees": [{"user": "bob"}]}]
    template([*chain, run], [HOSTS, service])
    ticket = submit(form={**HOST, "service": "nginx"})
    proxy("bob", "carol", NOW, NOW + HOUR)
    proxy("dave", "carol", NOW, NOW + HOUR)
    assert sees("carol", ticket)
    act(ticket, "carol", seat="bob", form={"service": "mysql"})
    assert waiting(ticket) == ["bob", "dave"]
    someone, page = user("carol"), Page(100, None)
    for box in ("todo", "all"):
        rows = ticket_list(someone, box, {}, page, NOW)["results"]
        assert [row["my_tasks"] for row in rows if row["number"] == ticket.number] == ([[]] if box == "all" else [])
    assert inbox(someone, "pending", page, NOW)["results"] == []
    assert counts(someone, NOW)["todo"] == 0
    with pytest.raises(OwnTicket):
        act(ticket, "carol", seat="dave")
    act(ticket, "bob")
    act(ticket, "dave")
    assert sees("carol", ticket)  # a confirmation is no approval: she may give that one
    assert counts(someone, NOW)["todo"] == 1


def test_A04_a_seat_that_only_its_principal_can_fill_says_so() -> None:
    """In a countersignature one agent of two principals signs for one; the other one is told that it needs himself."""
    names = ("bob", "dave", "erin")
    template([approval("both", *({"user": name} for name in names), mode="all")])
    ticket = submit()
    for principal in ("bob", "dave"):
        proxy(principal, "carol", NOW, NOW + HOUR)
    act(ticket, "carol", seat="bob")
    assert last_event(ticket, "task.left")["users"] == ["dave"]
    shown = {task["assignee"]: task for task in ticket_detail(user("carol"), ticket.number, NOW)["tasks"]}
    assert [(shown[name]["acting_for"], shown[name]["signed"]) for name in names] == [
        ("bob", False), ("dave", True), (None, False),
    ]  # fmt: skip
    (row,) = ticket_list(user("carol"), "todo", {}, Page(10, None), NOW)["results"]
    assert [(task["acting_for"], task["signed"]) for task in row["my_tasks"]] == [("dave", True)]
    (own,) = ticket_list(user("dave"), "todo", {}, Page(10, None), NOW)["results"]
    assert [(task["acting_for"], task["signed"]) for task in own["my_tasks"]] == [(None, False)]
    act(ticket, "dave")
    assert kinds(ticket).count("task.left") == 1
    assert act(ticket, "erin").state == "completed"
    assert breaks(ticket) == []


@pytest.mark.parametrize("mode", ["any", "sequence", {"ratio": 0.5}])
def test_nobody_is_left_where_the_step_is_done_or_asks_later(mode) -> None:
    template([approval("both", {"user": "bob"}, {"user": "dave"}, mode=mode), approval("next", {"user": "dave"})])
    ticket = submit()
    for principal in ("bob", "dave"):
        proxy(principal, "carol", NOW, NOW + HOUR)
    act(ticket, "carol", seat="bob")
    assert ("task.left" in kinds(ticket)) is (mode == "sequence")


@pytest.mark.parametrize("how", ["reassign", "transfer", "add_sign"])
def test_I11_who_moved_a_seat_is_offered_no_decision_there(how) -> None:
    template([approval("a", {"user": "bob"}, {"user": "erin"}, mode="all"), approval("b", {"user": "dave"})])
    ticket = submit()
    proxy("bob", "heidi", NOW, NOW + HOUR)
    proxy("dave", "heidi", NOW, NOW + HOUR)
    assert sees("heidi", ticket)
    if how == "reassign":
        User.objects.filter(username="heidi").update(is_admin=True)
        reassign(ticket, "a", "frank", by="heidi")
        User.objects.filter(username="heidi").update(is_admin=False)
        proxy("frank", "heidi", NOW, NOW + HOUR)
    else:
        more: dict[str, Any] = {"position": "with"} if how == "add_sign" else {}
        move(ticket, "heidi", how, "dave", seat="bob", **more)
    with pytest.raises(NotYourTask):
        act(ticket, "heidi", seat="frank" if how == "reassign" else "dave")
    page, heidi = Page(100, None), user("heidi")
    (row,) = ticket_list(heidi, "all", {}, page, NOW)["results"]
    assert row["my_tasks"] == []
    assert ticket_list(heidi, "todo", {}, page, NOW)["results"] == inbox(heidi, "pending", page, NOW)["results"] == []
    assert counts(heidi, NOW)["todo"] == 0
    detail = ticket_detail(heidi, ticket.number, NOW)
    assert {tuple(task["allowed_actions"]) for task in detail["tasks"]} == {()}
    for who in ("dave", "bob", "frank", "erin"):
        if who in waiting(ticket):
            act(ticket, who)
    assert waiting(ticket) == ["dave"]
    assert act(ticket, "heidi", seat="dave").state == "completed"
