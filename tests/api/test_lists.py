"""Lists: content of each box, filters, pages without gaps or duplicates (I23)."""

from datetime import timedelta

import pytest

from accounts.models import User
from tests.api.calls import Api
from tests.factories import (
    LEAVE,
    NGINX,
    NOW,
    act,
    approval,
    parallel,
    pending,
    proxy,
    reassign,
    resubmit,
    submit,
    template,
    user,
)
from tickets.commands import talk
from tickets.commands.withdraw import withdraw
from tickets.models import Ticket

pytestmark = pytest.mark.usefixtures("world")


def numbers(who: str, **query) -> list[str]:
    answer = Api(who).get("tickets", **query)
    assert answer.status_code == 200
    return [row["number"] for row in answer.json()["results"]]


def pages(api: Api, path: str, limit: int, **query) -> list[dict]:
    rows, cursor = [], None
    for _page in range(100):
        answer = api.get(path, limit=limit, **query, **({"cursor": cursor} if cursor else {})).json()
        assert len(answer["results"]) <= limit
        rows += answer["results"]
        cursor = answer["next"]
        if cursor is None:
            return rows
    raise AssertionError("the pages never end")


@pytest.fixture
def tickets() -> dict[str, Ticket]:
    made = {name: submit("leave", LEAVE, title=name) for name in ("open", "approved", "vetoed", "returned", "gone")}
    act(made["approved"], "bob")
    act(made["vetoed"], "bob", "veto")
    act(made["returned"], "bob", "return", comment="why")
    withdraw(number=made["gone"].number, actor=user("alice"), at=NOW)
    made["carols"] = submit("leave", LEAVE, by="carol", title="carols", priority="urgent")
    made["nginx"] = submit("nginx-config-sync", NGINX, title="nginx")
    talk.watch(number=made["nginx"].number, actor=user("alice"), at=NOW, users=["heidi"])
    return made


@pytest.mark.parametrize(
    ("who", "box", "names"),
    [
        ("bob", "todo", {"open", "nginx"}),
        ("bob", "done", {"approved", "vetoed", "returned"}),
        ("bob", "mine", set()),
        ("bob", "cc", {"approved"}),
        ("bob", "all", {"open", "approved", "vetoed", "returned", "gone", "nginx"}),
        ("alice", "todo", {"returned"}),
        ("alice", "mine", {"open", "approved", "vetoed", "returned", "gone", "nginx"}),
        ("alice", "all", {"open", "approved", "vetoed", "returned", "gone", "nginx"}),
        ("heidi", "all", {"nginx"}),
        ("heidi", "cc", {"nginx"}),
        ("heidi", "todo", set()),
        ("carol", "mine", {"carols"}),
        ("admin", "todo", {"carols"}),
        ("admin", "all", {"open", "approved", "vetoed", "returned", "gone", "nginx", "carols"}),
        ("erin", "all", set()),
    ],
)
def test_every_box(tickets, who, box, names) -> None:
    assert set(numbers(who, box=box)) == {tickets[name].number for name in names}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"state": "approving"}, {"open", "nginx", "carols"}),
        ({"state": "withdrawn"}, {"gone"}),
        ({"template": "nginx-config-sync"}, {"nginx"}),
        ({"template": "none"}, set()),
        ({"applicant": "carol"}, {"carols"}),
        ({"priority": "urgent"}, {"carols"}),
        ({"q": "RETURN"}, {"returned"}),
        ({"q": "%"}, set()),
        ({"q": "_"}, set()),
        ({"state": "approving", "applicant": "alice", "q": "nginx"}, {"nginx"}),
        (
            {"created_from": "2026-11-21T10:00:00+08:00"},
            {"open", "approved", "vetoed", "returned", "gone", "nginx", "carols"},
        ),
        ({"created_from": "2026-11-21T10:00:00.000001+08:00"}, set()),
        ({"created_to": "2026-11-21T10:00:00+08:00"}, set()),
        ({"created_from": "2026-11-21T10:00:00.000001 08:00"}, set()),  # a plus that nobody encoded
        ({"created_to": "2026-11-20"}, set()),
        ({"created_to": "2026-11-21", "q": "gone"}, {"gone"}),
        (
            {"created_from": "2026-11-21", "created_to": "2026-11-22"},
            {"open", "approved", "vetoed", "returned", "gone", "nginx", "carols"},
        ),
        (
            {"created_from": "0001-01-01T00:00:00+14:00", "created_to": "9999-12-31T23:59:59-12:00", "q": "gone"},
            {"gone"},
        ),
        (
            {"state": "", "q": "  ", "template": ""},
            {"open", "approved", "vetoed", "returned", "gone", "nginx", "carols"},
        ),
    ],
)
def test_filters(tickets, query, names) -> None:
    assert set(numbers("admin", **query)) == {tickets[name].number for name in names}


def test_by_number(tickets) -> None:
    assert numbers("admin", q=tickets["open"].number.lower()) == [tickets["open"].number]


def test_a_row_says_whom_it_waits_for_and_what_i_can_do(tickets) -> None:
    (row,) = Api("bob").get("tickets", box="todo", q="nginx").json()["results"]
    assert [someone["username"] for someone in row["waiting_for"]] == ["bob"]
    (mine,) = row["my_tasks"]
    assert mine["id"] == pending(tickets["nginx"]).pk
    assert mine["digest"] == tickets["nginx"].content.digest
    (alices,) = Api("alice").get("tickets", box="mine", q="nginx").json()["results"]
    assert alices["my_tasks"] == []


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("box", ["mine", "all"])
def test_pages_without_gaps_or_doubles(limit, box) -> None:
    made = [submit("leave", LEAVE).number for _i in range(7)]
    found = [row["number"] for row in pages(Api("alice"), "tickets", limit, box=box)]
    assert found == made[::-1]


def test_new_tickets_do_not_shift_a_page() -> None:
    made = [submit("leave", LEAVE).number for _i in range(4)]
    api = Api("alice")
    first = api.get("tickets", box="mine", limit=2).json()
    submit("leave", LEAVE)
    second = api.get("tickets", box="mine", limit=2, cursor=first["next"]).json()
    assert [row["number"] for row in first["results"] + second["results"]] == made[::-1]


def test_pages_of_tasks_and_events() -> None:
    tickets = [submit("leave", LEAVE) for _i in range(5)]
    tasks = [row["ticket"]["number"] for row in pages(Api("bob"), "tasks", 2, state="pending")]
    assert tasks == [ticket.number for ticket in tickets[::-1]]
    act(tickets[0], "bob")
    events = [row["seq"] for row in pages(Api("alice"), f"tickets/{tickets[0].number}/events", 3)]
    assert events == list(range(1, events[-1] + 1))
    assert len(events) > 6


def test_tasks_by_state() -> None:
    ticket = submit("leave", LEAVE)
    assert len(Api("bob").get("tasks", state="pending").json()["results"]) == 1
    act(ticket, "bob")
    assert Api("bob").get("tasks", state="pending").json()["results"] == []
    assert Api("bob").get("tasks", state="approved").json()["results"][0]["decided_by"] == "bob"
    assert len(Api("bob").get("tasks").json()["results"]) == 1


def test_a_proxys_tasks_name_the_principal() -> None:
    from django.utils import timezone

    ticket = submit("leave", LEAVE)
    now = timezone.now()
    proxy("bob", "carol", now - timedelta(hours=1), now + timedelta(hours=1))
    (row,) = Api("carol").get("tasks", state="pending").json()["results"]
    assert (row["acting_for"], row["assignee"], row["ticket"]["number"]) == ("bob", "bob", ticket.number)
    assert row["allowed_actions"] == ["approve", "return", "veto", "transfer", "add_sign"]
    assert Api("carol").get("me").json()["acting_for"] == ["bob"]
    assert Api("carol").get("me").json()["counts"]["todo"] == 1


def test_A03_a_proxy_is_not_offered_his_own_ticket() -> None:
    """Not by the list, the inbox or the count, where he may not decide; a confirmation he may give."""
    from django.utils import timezone

    now = timezone.now()
    confirm = {"node": "c", "type": "confirm", "assignees": [{"user": "bob"}]}
    template([parallel("fork", [approval("a", {"user": "bob"})], [confirm])], key="both")
    template([approval("a", {"user": "bob"})])
    own, both, other = submit(at=now), submit("both", at=now), submit(by="carol", at=now)
    proxy("bob", "alice", now - timedelta(hours=1), now + timedelta(hours=1))
    alice = Api("alice")
    rows = alice.get("tickets", box="todo").json()["results"]
    assert [row["number"] for row in rows] == [other.number, both.number]
    assert [task["node"] for row in rows for task in row["my_tasks"]] == ["a", "c"]
    tasks = alice.get("tasks", state="pending").json()["results"]
    assert [(task["ticket"]["number"], task["node"]) for task in tasks] == [(other.number, "a"), (both.number, "c")]
    assert alice.get("me").json()["counts"]["todo"] == 2
    assert own.number in numbers("bob", box="todo")


def test_I23_what_an_administrator_did_is_not_his_when_he_is_none_any_more() -> None:
    template([approval("a", {"user": "dave"})])
    ticket = submit()
    User.objects.filter(username="heidi").update(is_admin=True)
    reassign(ticket, "a", "frank", by="heidi")
    assert numbers("heidi", box="done") == [ticket.number]
    User.objects.filter(username="heidi").update(is_admin=False)
    assert (numbers("heidi", box="done"), numbers("heidi", box="done", q=ticket.number)) == ([], [])
    assert act(ticket, "frank").state == "completed"
    assert numbers("frank", box="done") == [ticket.number]


def test_looking_at_a_copy_counts_it_as_seen() -> None:
    template([{"node": "tell", "type": "cc", "to": [{"user": "heidi"}]}, approval("a", {"manager": 1})])
    ticket = submit()
    heidi = Api("heidi")
    assert heidi.get("me").json()["counts"]["cc"] == 1
    heidi.get(f"tickets/{ticket.number}")
    assert heidi.get("me").json()["counts"]["cc"] == 0
    assert numbers("heidi", box="cc") == [ticket.number]


def test_the_directory() -> None:
    api = Api("alice")
    assert [row["username"] for row in api.get("users", q="ER").json()["results"]] == ["erin"]
    assert len(api.get("users").json()["results"]) == 9
    assert set(api.get("users", q="alice").json()["results"][0]) == {"username", "name", "department"}
    assert {row["key"]: row["parent"] for row in api.get("departments").json()["results"]}["platform"] == "dev"
    assert {row["key"] for row in api.get("roles").json()["results"]} == {"dba", "sre", "security"}


@pytest.mark.parametrize("query", [{}, {"q": "back"}, {"state": "returned"}])
def test_what_came_back_to_me_is_my_turn(query) -> None:
    """For nobody else, and until it is handed in again or taken back."""
    ticket = submit("leave", LEAVE, title="back")
    assert numbers("alice", box="todo", **query) == []
    act(ticket, "bob", "return", comment="why")
    assert numbers("alice", box="todo", **query) == [ticket.number]
    assert Api("alice").get("me").json()["counts"]["todo"] == 1
    for other in ("bob", "admin"):
        assert ticket.number not in numbers(other, box="todo", **query)
    (row,) = Api("alice").get("tickets", box="todo").json()["results"]
    assert (row["state"], row["my_tasks"], row["waiting_for"]) == ("returned", [], [])
    resubmit(ticket)
    assert numbers("alice", box="todo", **query) == []
    assert Api("alice").get("me").json()["counts"]["todo"] == 0


def test_my_turn_pages_over_both_kinds_without_gaps_or_doubles() -> None:
    """What waits for my decision and what came back to me, newest first in one list."""
    template([approval("a", {"user": "bob"})])
    mine = [submit(by="bob") if i % 2 else submit() for i in range(7)]
    waiting = []
    for ticket in mine:
        if ticket.applicant.username == "bob":  # his own goes up to carol, who sends it back
            act(ticket, "carol", "return", comment="why")
        waiting.append(ticket.number)
    for limit in (1, 2, 3, 100):
        assert [row["number"] for row in pages(Api("bob"), "tickets", limit, box="todo")] == waiting[::-1]
    assert Api("bob").get("me").json()["counts"]["todo"] == 7
