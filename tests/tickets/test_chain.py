"""From a submitted ticket to an executed change, at the level of commands."""

from datetime import UTC, datetime

import pytest

from accounts.models import User
from common.errors import DomainError
from tickets.commands import execution
from tickets.commands.decide import decide
from tickets.commands.submit import create
from tickets.models import ApprovalTask, Event, NodeVisit, Ticket
from tickets.rules.rights import Verb

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
FORM = {"server_name": "shop.example.com", "upstream": "10.0.0.8:8080", "hosts": ["demo-01"], "note": "hello"}


def user(name: str) -> User:
    return User.objects.get(username=name)


def submit(**form) -> Ticket:
    return create(template="nginx-config-sync", form={**FORM, **form}, actor=user("alice"), at=NOW)


def pending(ticket: Ticket) -> ApprovalTask:
    return ApprovalTask.objects.get(ticket=ticket, state="pending")


def approve(ticket: Ticket, name: str, verb: Verb = "approve") -> Ticket:
    return decide(task_id=pending(ticket).pk, verb=verb, actor=user(name), at=NOW, channel="web")


@pytest.fixture
def ticket(demo) -> Ticket:
    return submit()


def test_a_ticket_walks_its_chain_to_the_end(ticket) -> None:
    assert ticket.state == "approving"
    assert pending(ticket).assignee.username == "bob"
    approve(ticket, "bob")
    ticket = approve(ticket, "dave")
    assert ticket.state == "executing"
    visit = NodeVisit.objects.get(ticket=ticket, type="automation")
    approved = execution.begin(visit_id=visit.pk, job_id=1, at=NOW)
    assert approved.plan["params"]["note"] == "hello"
    execution.settle(visit_id=visit.pk, job_id=1, at=NOW, ok=True, outcome="completed", hosts={"demo-01": "ok"})
    ticket = approve(ticket, "alice", "confirm")
    assert ticket.state == "completed"
    kinds = list(Event.objects.filter(ticket=ticket).order_by("seq").values_list("kind", flat=True))
    assert kinds[-1] == "ticket.completed"
    assert kinds.count("task.approved") == 2
    from tickets.audit.verify import verify

    assert list(verify([Ticket.objects.get(pk=ticket.pk)])) == []


def test_I02_heidi_may_not_decide_bobs_task(ticket) -> None:
    with pytest.raises(DomainError) as refused:
        approve(ticket, "heidi")
    assert refused.value.status in (403, 404)
    assert pending(ticket).state == "pending"
