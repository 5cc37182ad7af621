"""Number of SQL statements of commands and requests: exact, and the same for 2 and for 200 approvers.

Raise a number only on purpose: change it here and say why.
"""

import pytest

from accounts.models import User
from common.paging import Page
from tests.api.calls import Api
from tests.factories import (
    LEAVE,
    NGINX,
    NOW,
    act,
    approval,
    automation_visit,
    give_role,
    pending,
    proxy,
    template,
    user,
)
from tests.statements import counted
from tickets.commands import execution, talk
from tickets.commands.decide import decide
from tickets.commands.submit import create
from tickets.commands.withdraw import withdraw
from tickets.queries.counts import counts
from tickets.queries.detail import ticket_detail
from tickets.queries.inbox import inbox
from tickets.queries.lists import ticket_list

pytestmark = pytest.mark.usefixtures("world")
PAGE = Page(100, None)
CHAIN = [
    approval("leader", {"manager": 1}),
    approval("some", {"role": "sre"}, mode={"ratio": 0.004}),
    approval("all", {"role": "sre"}, mode="all"),
]


@pytest.fixture(params=[0, 198], ids=["2 approvers", "200 approvers"])
def crowd(request) -> None:
    """A busy house; its programs are loaded, as in a process that has served a request."""
    names = [f"p{i:03}" for i in range(request.param)]
    User.objects.bulk_create(User(username=name, name=name) for name in names)
    give_role("sre", *names)
    proxy("carol", "bob", NOW, NOW.replace(year=2099))
    template(CHAIN)
    for key, form in (("t", {}), ("leave", LEAVE), ("nginx-config-sync", NGINX)):
        for _i in range(3):
            create(template=key, form=form, actor=user("alice"), at=NOW)
    ticket_at(1)


def ticket_at(node: int):
    made = create(template="t", form={}, actor=user("alice"), at=NOW)
    for who in ("bob", "erin")[:node]:
        act(made, who)
    return made


BOXES = {"todo": 2, "done": 1, "mine": 1, "cc": 1, "all": 2}


@pytest.mark.parametrize("box", BOXES)
def test_a_list(crowd, box) -> None:
    bob = user("alice" if box == "mine" else "bob")
    with counted() as found:
        ticket_list(bob, box, {}, PAGE, NOW)
    assert len(found) == BOXES[box], found


def test_reading(crowd) -> None:
    bob, ticket = user("bob"), ticket_at(2)
    for read, statements in (
        (lambda: counts(bob, NOW), 1),
        (lambda: inbox(bob, "pending", PAGE, NOW), 3),
        (lambda: ticket_detail(bob, ticket.number, NOW), 2),
    ):
        with counted() as found:
            read()
        assert len(found) == statements, found


@pytest.mark.parametrize(
    ("key", "form", "statements"), [("t", {}, 3), ("leave", LEAVE, 3), ("nginx-config-sync", NGINX, 4)]
)
def test_submit(crowd, key, form, statements) -> None:
    alice = user("alice")
    with counted() as found:
        create(template=key, form=form, actor=alice, at=NOW)
    assert len(found) == statements, found


@pytest.mark.parametrize(
    ("node", "who", "statements"),
    [(0, "bob", 4), (1, "erin", 4), (2, "erin", 3)],
    ids=["opens 200 seats", "cancels 200 seats and opens 200", "one of 200"],
)
def test_decide(crowd, node, who, statements) -> None:
    ticket = ticket_at(node)
    task, actor = pending(ticket, who).pk, user(who)
    with counted() as found:
        decide(task_id=task, verb="approve", actor=actor, at=NOW, channel="web")
    assert len(found) == statements, found


@pytest.mark.parametrize("verb", ["return", "veto"])
def test_turning_down(crowd, verb) -> None:
    ticket = ticket_at(2)
    task, actor = pending(ticket, "erin").pk, user("erin")
    with counted() as found:
        decide(task_id=task, verb=verb, actor=actor, at=NOW, channel="web", comment="no")
    assert len(found) == 3, found


def test_the_rest_of_a_life(crowd) -> None:
    alice = user("alice")
    spoken, taken = ticket_at(2), ticket_at(2)
    running = create(template="nginx-config-sync", form=NGINX, actor=alice, at=NOW)
    act(running, "bob")
    act(running, "dave")
    visit = automation_visit(running).pk
    for command, statements in (
        (lambda: talk.comment(number=spoken.number, actor=alice, at=NOW, text="x"), 4),
        (lambda: talk.remind(number=spoken.number, actor=alice, at=NOW), 4),
        (lambda: withdraw(number=taken.number, actor=alice, at=NOW), 3),
        (lambda: execution.begin(visit_id=visit, job_id=1, at=NOW), 4),
        (lambda: execution.settle(visit_id=visit, job_id=1, at=NOW, ok=True, outcome="completed", hosts={}), 3),
    ):
        with counted() as found:
            command()
        assert len(found) == statements, found


def test_requests(crowd) -> None:
    alice, bob = Api("alice"), Api("bob")
    ticket = ticket_at(0)
    task = pending(ticket).pk
    for call, statements in (
        (lambda: bob.get("tickets", box="todo"), 1),
        (lambda: bob.get("tickets", box="all"), 1),
        (lambda: bob.get("tickets", box="done", state="approving", q="a"), 1),
        (lambda: bob.get("me"), 1),
        (lambda: bob.get("tasks", state="pending"), 3),
        (lambda: bob.get(f"tickets/{ticket.number}"), 2),
        (lambda: bob.get(f"tickets/{ticket.number}/events"), 3),
        (lambda: alice.get("templates"), 3),
        (lambda: alice.post("tickets", {"template": "t", "form": {}}), 4),  # one of them takes from the quota
        (lambda: alice.post("tickets", {"template": "t", "form": {}}, Idempotency_Key="k"), 5),
        (lambda: alice.post("tickets", {"template": "t", "form": {}}, Idempotency_Key="k"), 2),
        (lambda: bob.post(f"tasks/{task}/approve"), 5),  # one more, because bob holds a proxy
    ):
        with counted() as found:
            answer = call()
        assert answer.status_code in (200, 201)
        assert len(found) == statements, found


@pytest.mark.parametrize("count", [2, 150])
def test_people_named_one_by_one_are_asked_for_at_once(world, count) -> None:
    """Every node names somebody else, in every way in which rules name people."""
    names = [f"u{i}" for i in range(count)]
    User.objects.bulk_create(User(username=name, name=name) for name in [*names, "f", "c"])
    ways = [{"user": name} if i % 2 else {"expression": f"['{name}']"} for i, name in enumerate(names)]
    chain = [approval(f"n{i}", way) for i, way in enumerate(ways)]
    chain += [
        approval("field", {"form_user": "who"}),
        approval("chosen", {"chosen_by": "applicant"}),
        {"node": "told", "type": "cc", "to": [{"user": "heidi"}]},
    ]
    template(chain, [{"key": "who", "type": "user", "label": "W"}])
    alice = Api("alice")
    body = {"form": {"who": "f"}, "chosen": {"chosen": ["c"]}}
    for path, extra, status, statements in (
        ("templates/t/simulate", {}, 200, 6),
        ("tickets", {"template": "t"}, 201, 8),  # one of them takes from the quota
    ):
        alice.post(path, body | extra)  # loads the program
        with counted() as found:
            answer = alice.post(path, body | extra)
        assert answer.status_code == status, answer.content
        assert len(found) == statements, found
