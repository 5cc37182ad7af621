"""Test people, a template, tickets, and a function that does the workers' job."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.commands import grant_proxy
from accounts.models import Department, Proxy, Role, User
from notify.sending.sweep import sweep
from templates_engine.store.commands import import_template
from tickets.background.dispatch import dispatch
from tickets.commands import submit as submitting
from tickets.commands.decide import decide
from tickets.models import ApprovalTask, Event, Outbox, Ticket
from tickets.rules.rights import Verb
from tickets.trail import events

TEMPLATE = """
apiVersion: baton/v1
kind: TicketTemplate
key: leave
name: {zh: 请假, en: Leave}
category: 人事
number_prefix: LEV
visible_to: [everyone]
form:
  - {key: why, type: textarea, label: {zh: 原因, en: Reason}, required: true, max_length: 100000}
  - {key: days, type: number, label: {zh: 天数, en: Days}}
chain:
  - {node: leader, type: approval, name: {zh: 直属上级, en: Leader}, mode: MODE,
     approvers: [{user: bob}, {user: dave}]}
  - {node: check, type: confirm, name: {zh: 确认, en: Check}, assignees: [{applicant: true}]}
"""


def make_people() -> dict[str, User]:
    """alice applies, bob and dave decide, carol is no proxy yet, heidi is not involved."""
    department = Department.objects.create(key="platform", name="平台组")
    people = {}
    for name in ("alice", "bob", "carol", "dave", "heidi", "admin"):
        people[name] = User.objects.create(
            username=name,
            name=name.title(),
            email=f"{name}@example.com",
            wecom_userid=name,
            department=department,
            language="en",
            is_admin=name == "admin",
        )
    Role.objects.create(key="dba", name="DBA")
    return people


def publish(mode: str = "any", text: str = TEMPLATE) -> None:
    """Store and publish the template."""
    import_template(text=text.replace("MODE", mode), actor=None, at=timezone.now(), publish_it=True)


def submit(actor: User, title: str = "Three days off", **form: Any) -> Ticket:
    """Submit a ticket."""
    return submitting.create(
        template="leave", form={"why": "family", **form}, actor=actor, at=timezone.now(), title=title
    )


def crank() -> None:
    """Do what dispatcher and workers do, until nothing is left."""
    while dispatch() + sweep():
        pass


def let_stand_in(principal: User, agent: User) -> Proxy:
    """A proxy for all templates, from an hour ago to an hour from now."""
    hour = timedelta(hours=1)
    now = timezone.now()
    return grant_proxy(
        actor=principal, principal=None, agent=agent.username, starts_at=now - hour, ends_at=now + hour,
        templates=None, reason="", at=now - hour,
    )  # fmt: skip


def sign(token: str, *parts: str) -> str:
    """The platform's signature, computed without our code."""
    return hashlib.sha1("".join(sorted([token, *parts])).encode()).hexdigest()


def state_of(ticket: Ticket, name: str = "bob") -> str:
    """The state of this person's newest task."""
    return ApprovalTask.objects.filter(ticket=ticket, assignee__username=name).latest("pk").state


def decisions(ticket: Ticket) -> list[tuple[str, str]]:
    """(kind, channel) of every decision, in order."""
    events = Event.objects.filter(ticket=ticket, kind__in=["task.approved", "task.returned", "task.confirmed"])
    return [(event.kind, event.data["channel"]) for event in events.order_by("seq")]


def decide_on_web(ticket: Ticket, actor: User, verb: Verb = "approve") -> None:
    """Decide as this person in the browser."""
    task = ApprovalTask.objects.filter(ticket=ticket, assignee=actor).latest("pk")
    decide(task_id=task.pk, verb=verb, actor=actor, at=timezone.now(), channel="web", comment="because")


def in_threads(count: int, work: Callable[[], object]) -> None:
    """Run it in this many threads in parallel."""
    barrier = threading.Barrier(count)

    def run() -> None:
        barrier.wait()
        work()
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def happen(ticket: Ticket, kind: str, actor: User | None = None, **data: Any) -> Event:
    """Append an event to the ticket, as a command would."""
    ticket.refresh_from_db()
    new = events.append(ticket, kind, at=timezone.now(), actor_id=actor.pk if actor else None, data=data)
    ticket.save(update_fields=["event_seq", "event_hash"])
    event = Event.objects.create(**asdict(new))
    Outbox.objects.create(event=event)
    return event


def browser(user: User) -> Client:
    """A browser logged in as this person, in English."""
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user, backend="accounts.backends.PasswordBackend")
    return client
