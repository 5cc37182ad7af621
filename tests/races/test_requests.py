"""Parallel requests, and requests that the database itself refuses (F02, F11, A05)."""

import threading
from collections import Counter

import pytest

from accounts.models import IdempotencyRecord
from tests.api.calls import Api
from tests.factories import LEAVE, act, approval, breaks, fresh, pending, submit, template
from tests.races.crowd import race
from tickets.api.task_views import BulkView
from tickets.models import Event, Ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("crew")]


def test_F11_one_key_ten_requests_one_ticket() -> None:
    body = {"template": "leave", "form": LEAVE}
    apis = [Api("alice") for _i in range(10)]
    answers = race([lambda api=api: api.post("tickets", body, Idempotency_Key="k") for api in apis])
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert Ticket.objects.count() == 1
    assert IdempotencyRecord.objects.count() == 1


def test_one_key_two_bodies_one_ticket() -> None:
    bodies = [{"template": "leave", "form": LEAVE, "title": str(i % 2)} for i in range(6)]
    pairs = [(Api("alice"), body) for body in bodies]
    answers = race([lambda a=api, b=body: a.post("tickets", b, Idempotency_Key="k") for api, body in pairs])
    assert Counter(answer.status_code for answer in answers) == {201: 3, 409: 3}
    assert Ticket.objects.count() == 1


def test_A05_a_double_click_and_a_second_window() -> None:
    ticket = submit("leave", LEAVE)
    path = f"tasks/{pending(ticket).pk}/approve"
    apis = [Api("bob") for _i in range(8)]
    answers = race([lambda api=api: api.post(path, {"comment": ""}) for api in apis])
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 7}
    refused = next(answer for answer in answers if answer.status_code == 409).json()
    assert (refused["code"], refused["decided_by"]) == ("task_already_decided", "bob")
    assert Event.objects.filter(ticket=ticket, kind="task.approved").count() == 1


def test_F12_bulks_that_take_a_parents_children_out_of_order_are_done_again(monkeypatch) -> None:
    """With a key a bulk is one transaction: erin holds the child and wants the other ticket, grace the reverse."""
    template([approval("do", {"role": "sre"})], key="kid")
    kid = {"node": "kid", "type": "subticket", "template": "kid", "wait": "none"}
    template([approval("first", {"user": "bob"}), kid, approval("last", {"role": "sre"}, mode="all")])
    template([approval("all", {"role": "sre"}, mode="all")], key="other")
    parent, other = submit(), submit("other")
    act(parent, "bob")
    child = Ticket.objects.get(parent=parent)
    barrier, met, real = threading.Barrier(2, timeout=20), set(), BulkView._one

    def one(*given):
        answer = real(*given)
        if threading.get_ident() not in met:
            met.add(threading.get_ident())
            barrier.wait()
        return answer

    monkeypatch.setattr(BulkView, "_one", staticmethod(one))
    vetoes = [pending(ticket, "erin").pk for ticket in (parent, other)]
    yeses = [pending(ticket, "grace").pk for ticket in (other, child)]
    erin, grace = Api("erin"), Api("grace")
    answers = race(
        [
            lambda: erin.post("tasks/bulk", {"ids": vetoes, "action": "veto", "comment": "x"}, Idempotency_Key="e"),
            lambda: grace.post("tasks/bulk", {"ids": yeses, "action": "approve", "comment": ""}, Idempotency_Key="g"),
        ]
    )
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [fresh(ticket).state for ticket in (parent, other)] == ["vetoed", "vetoed"]
    assert fresh(child).state in ("withdrawn", "completed")
    assert [breaks(ticket) for ticket in (parent, other, child)] == [[], [], []]


REFUSED = [
    ("GET", "tickets?q=%00"),
    ("GET", "tickets?template=%00"),
    ("GET", "tickets?applicant=a%00"),
    ("GET", "users?q=%00"),
    ("GET", "tickets/%00"),
    ("GET", "tickets/%00/events"),
    ("POST", "tickets/%00/withdraw"),
    ("POST", "tickets/%00/comments"),
    ("GET", "tickets?q=%ff%fe"),
    ("GET", "tickets/%ff"),
    ("GET", "tickets?q=%ed%a0%80"),
    ("GET", "templates?x=%00"),
    ("POST", "tasks/99999999999999999999999/approve"),
    ("POST", f"tasks/{2**63 - 1}/approve"),
    ("POST", f"tasks/{2**63}/veto"),
    ("DELETE", f"proxies/{2**70}"),
    ("DELETE", f"me/tokens/{2**70}"),
    ("GET", f"templates/leave/export?version={2**70}"),
    ("GET", "templates/leave/export?version=１"),
    ("GET", "tickets?cursor=OTIyMzM3MjAzNjg1NDc3NTgwNw"),
    ("GET", "tickets?cursor=MTg0NDY3NDQwNzM3MDk1NTE2MTU"),
    ("GET", "tickets?cursor=LTk"),
    ("GET", f"jobs/{2**70}"),
    ("GET", f"tickets/{'x' * 5000}"),
    ("GET", "tickets?q=" + "x" * 20_000),
    ("POST", f"deliveries/{2**70}/retry"),
]


def test_what_the_database_refuses_is_never_a_500() -> None:
    api = Api("alice")
    for method, path in REFUSED:
        answer = api.send(method, path, {} if method == "POST" else None)
        assert answer.status_code < 500, (path[:80], answer.content)
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json"
