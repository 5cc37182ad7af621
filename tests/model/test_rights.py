"""The verbs that a page offers are those that the commands accept: random tickets and people (I02, I03, I11)."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.models import User
from common.errors import DomainError
from common.paging import Page
from templates_engine.store.commands import check
from tests.factories import NOW, proxy, submit, user
from tests.model.cast import CAST
from tests.model.documents import FORM, FORMS, templates
from tests.model.engine import furnish, publish
from tests.model.test_walks import bounded
from tickets.commands import execution, signers, talk
from tickets.commands import submit as submitting
from tickets.commands.copying import copy
from tickets.commands.decide import decide
from tickets.commands.reassign import reassign
from tickets.commands.upload import attach
from tickets.commands.withdraw import withdraw
from tickets.errors import Invalid, NotFound, RemindedAlready
from tickets.files.errors import QuotaExceeded
from tickets.models import ApprovalTask, NodeVisit, Ticket
from tickets.queries.counts import counts
from tickets.queries.detail import ticket_detail
from tickets.queries.inbox import inbox
from tickets.queries.lists import ticket_list

pytestmark = pytest.mark.usefixtures("world")
PAGE = Page(100, None)
PROXIES = (("bob", "alice"), ("carol", "heidi"), ("erin", "frank"), ("dave", "admin"))
VERBS = ["approve"] * 6 + ["return", "here", "edit", "transfer", "add_sign", "reassign", "begin", "resubmit", "comment"]
STEPS = st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, 8), st.integers(0, 8)), max_size=12)
CONTENT = (Invalid, RemindedAlready, QuotaExceeded)  # what is wrong with a form, or too much, refuses no verb
HUGE: Any = SimpleNamespace(size=2**60)


def barred() -> dict[str, Any]:
    """An example where the applicant is the proxy of the only approver, and may not decide."""
    chain = [{"node": "n0", "type": "approval", "approvers": [{"user": "bob"}]}]
    document = {"apiVersion": "baton/v1", "kind": "TicketTemplate", "key": "walk", "name": "T", "form": FORM}
    values = {"n": 3, "flag": False, "who": "frank", "hosts": ["demo-01"]}
    return {"document": {**document, "chain": chain}, "form": values, "steps": [], "draft": 1, "people": set[str]()}


def step(ticket: Ticket, verb: str, pick: int, other: int) -> None:
    """Something that moves the ticket. Raises DomainError if it is refused."""
    number, task, whom = ticket.number, _pending(ticket, pick), CAST[other]
    job = NodeVisit.objects.filter(ticket=ticket, type="automation", state="open").first()
    if verb == "resubmit":
        submitting.resubmit(number=number, actor=user("alice"), at=NOW, form=None)
    elif verb == "begin" and job:
        execution.begin(visit_id=job.pk, job_id=1, at=NOW)
    elif verb == "reassign" and task:
        reassign(number=number, actor=user("admin"), at=NOW, node=task.visit.node, users=[whom], comment="x")
    elif task:
        _decide(task, verb, whom, _actor(task, other))


def _decide(task: ApprovalTask, verb: str, whom: str, actor: User) -> None:
    said: dict[str, Any] = {"task_id": task.pk, "actor": actor, "channel": "web", "at": NOW, "comment": "x"}
    if verb == "transfer":
        signers.transfer(users=[whom], **said)
    elif verb == "add_sign":
        signers.add_sign(users=[whom], position="before", **said)
    elif verb in ("return", "here"):
        decide(verb="return", resume="here" if verb == "here" else "restart", **said)
    else:
        form = {"n": 7, "who": whom, "flag": True} if verb == "edit" else None
        decide(verb="confirm" if task.visit.type == "confirm" else "approve", form=form, **said)


def _pending(ticket: Ticket, pick: int) -> ApprovalTask | None:
    tasks = list(ApprovalTask.objects.filter(ticket=ticket, state="pending").select_related("visit", "assignee"))
    return tasks[pick % len(tasks)] if tasks else None


def _actor(task: ApprovalTask, other: int) -> User:
    """The assignee, or sometimes their proxy."""
    agents = [agent for principal, agent in PROXIES if principal == task.assignee.username]
    return user(agents[0]) if agents and other % 2 else task.assignee


def accepted(attempt: Callable[[], Any]) -> bool:
    """Whether the command takes the verb; what it did is undone."""
    try:
        with transaction.atomic():
            attempt()
            transaction.set_rollback(True)
    except CONTENT:
        return True
    except DomainError:
        return False
    return True


def on_ticket(ticket: Ticket, who: User) -> set[str]:
    """The verbs on the ticket that the commands accept from this person."""
    asked: dict[str, Any] = {"number": ticket.number, "actor": who, "at": NOW}
    people = list(
        NodeVisit.objects.filter(ticket=ticket, state="open", type__in=["approval", "confirm"]).values_list("node")
    )
    attempts: dict[str, list[Callable[[], Any]]] = {
        "attachments": [partial(attach, file=HUGE, **asked)],
        "comments": [partial(talk.comment, text="x", **asked)],
        "copy": [partial(copy, **asked)],
        "rate": [partial(talk.rate, score=5, **asked)],
        "reassign": [partial(reassign, node=node, users=["frank"], comment="x", **asked) for (node,) in people],
        "remind": [partial(talk.remind, **asked)],
        "resubmit": [partial(submitting.resubmit, **asked)],
        "submit": [partial(submitting.submit, **asked)],
        "watch": [partial(talk.watch, users=["nobody"], **asked)],
        "withdraw": [partial(withdraw, comment="x", **asked)],
    }
    return {verb for verb, found in attempts.items() if any(accepted(attempt) for attempt in found)}


def on_task(task: ApprovalTask, who: User, nodes: list[str]) -> set[str]:
    """The verbs on the task that the commands accept from this person. nodes: where a return may lead."""
    said: dict[str, Any] = {"task_id": task.pk, "actor": who, "channel": "web", "at": NOW, "comment": "x"}
    attempts: dict[str, list[Callable[[], Any]]] = {
        **{verb: [partial(decide, verb=verb, **said)] for verb in ("approve", "confirm", "veto")},
        "return": [partial(decide, verb="return", to=to, **said) for to in ("applicant", *nodes)],
        "transfer": [partial(signers.transfer, users=["nobody"], **said)],
        "add_sign": [partial(signers.add_sign, users=["nobody"], position="with", **said)],
        "remove_sign": [partial(signers.remove_sign, users=["nobody"], **said)],
    }
    return {verb for verb, found in attempts.items() if any(accepted(attempt) for attempt in found)}


def require_the_same(ticket: Ticket, who: User, story: str) -> None:
    """Page, commands, lists and count answer alike for this person."""
    pending = list(ApprovalTask.objects.filter(ticket=ticket, state="pending").order_by("pk"))
    try:
        page = ticket_detail(who, ticket.number, NOW)
    except NotFound:
        page = {"tasks": [], "allowed_actions": []}
    shown = {task["id"]: task for task in page["tasks"]}
    offered = set(page["allowed_actions"])
    for task in pending:
        row = shown.get(task.pk, {"allowed_actions": [], "return_to": []})
        taken = on_task(task, who, [target["node"] for target in row["return_to"]])
        assert set(row["allowed_actions"]) == taken, f"{who.username}, task {task.pk}\n{story}"
        offered -= taken
    assert offered == on_ticket(ticket, who), f"{who.username}\n{story}"
    mine = {task for task, row in shown.items() if row["allowed_actions"]}
    todo = ticket_list(who, "todo", {}, PAGE, NOW)["results"]
    assert mine == {task["id"] for row in todo for task in row["my_tasks"]}, f"{who.username}\n{story}"
    assert mine == {row["id"] for row in inbox(who, "pending", PAGE, NOW)["results"]}, f"{who.username}\n{story}"
    assert counts(who, NOW)["todo"] == len(todo), f"{who.username}\n{story}"


@bounded(8)
@example(**barred())
@given(
    document=templates(), form=FORMS, steps=STEPS, draft=st.integers(0, 9), people=st.sets(st.sampled_from(CAST[1:]))
)
def test_I03_a_page_offers_what_the_commands_accept(document, form, steps, draft, people) -> None:
    with transaction.atomic():
        furnish()
        if check(json.dumps(document)).ok:
            publish(document)
            for principal, agent in PROXIES:
                proxy(principal, agent, NOW - timedelta(days=1), NOW + timedelta(days=9))
            ticket = submit(document["key"], form, draft=draft == 0)
            for verb, pick, other in steps:
                with transaction.atomic():
                    savepoint = transaction.savepoint()
                    try:
                        step(ticket, verb, pick, other)
                    except DomainError:
                        transaction.savepoint_rollback(savepoint)
            for name in ("alice", *sorted(people)[:2]):
                require_the_same(ticket, user(name), f"{json.dumps(document)} {form} {steps}")
        transaction.set_rollback(True)
