"""People, hosts, templates with automations, and helpers that take a ticket to its job."""

import hashlib
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.models import Department, Role, RoleMember, User
from accounts.permissions import OPERATE
from automation.commands.importing import import_hosts, read_or_refuse
from automation.inventory.parse import parse
from automation.models import Job
from common.errors import Problem
from templates_engine.store.commands import import_template
from tickets.background.dispatch import dispatch
from tickets.commands import submit as submitting
from tickets.commands.decide import decide
from tickets.models import Event, Ticket
from tickets.states import TaskState

HEAD = """
apiVersion: baton/v1
kind: TicketTemplate
key: {key}
name: {{zh: 变更, en: Change}}
category: 变更
number_prefix: CHG
visible_to: [everyone]
form:
  - {{key: hosts, type: hosts, label: {{zh: 主机, en: Hosts}}, required: true}}
  - {{key: window, type: datetime, label: {{zh: 时间, en: Run at}}}}
{form}
chain:
  - {{node: leader, type: approval, name: 主管, approvers: [{{user: bob}}]}}
  - {{node: run, type: automation, name: 执行, action: {action}, targets: form.hosts, at: form.window,
     params: {{{params}}}{more}}}
"""
TEMPLATES = {
    "sql": (
        "database.run_change",
        "  - {key: sql, type: textarea, label: SQL, required: true, max_length: 100000}",
        "database: '\"orders\"', sql: form.sql",
    ),
    "conf": (
        "config.sync",
        "  - {key: text, type: textarea, label: Content, required: true, max_length: 10000}",
        "application: '\"sysctl\"', file: '\"60-shop.conf\"', content: form.text",
    ),
    "look": ("system.os_version", "", ""),
}


def make_people() -> dict[str, User]:
    """alice applies, bob decides, erin operates, heidi is not involved."""
    department = Department.objects.create(key="platform", name="平台组")
    people = {
        name: User.objects.create(username=name, name=name.title(), department=department, language="en")
        for name in ("alice", "bob", "erin", "heidi")
    }
    role = Role.objects.create(key="sre", name="SRE", permissions=[OPERATE])
    RoleMember.objects.create(role=role, user=people["erin"])
    return people


def publish(key: str, more: str = "") -> None:
    """Publish one of TEMPLATES. more: further keys of its automation node."""
    action, form, params = TEMPLATES[key]
    text = HEAD.format(key=key, action=action, form=form, params=params, more=more and f", {more}")
    import_template(text=text, actor=None, at=timezone.now(), publish_it=True)


def submit(key: str, people: dict[str, User], hosts: list[str], **form: Any) -> Ticket:
    """Submit a ticket as alice."""
    return submitting.create(
        template=key, form={"hosts": hosts, **form}, actor=people["alice"], at=timezone.now(), title="Please"
    )


def approve(ticket: Ticket, people: dict[str, User]) -> None:
    """Approve the current content as bob."""
    task = ticket.tasks.get(state=TaskState.PENDING, assignee=people["bob"])
    decide(task_id=task.pk, verb="approve", actor=people["bob"], at=timezone.now(), channel="web")
    ticket.refresh_from_db()


def approved_job(key: str, people: dict[str, User], hosts: list[str], more: str = "", **form: Any) -> Job:
    """A waiting job, made the real way: template, ticket, decision, event, subscriber."""
    publish(key, more)
    ticket = submit(key, people, hosts, **form)
    approve(ticket, people)
    dispatch()
    return Job.objects.get(ticket=ticket)


def kinds(ticket: Ticket) -> list[str]:
    """The kinds of a ticket's events, oldest first."""
    return list(Event.objects.filter(ticket=ticket).order_by("seq").values_list("kind", flat=True))


def log_of(job: Job) -> str:
    """The whole log of a job."""
    return "".join(job.log.order_by("start").values_list("text", flat=True))


def processes_naming(text: str) -> list[str]:
    """Command lines of running processes that contain this text."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if text in line:
                found.append(line)
    return found


def sha(data: bytes) -> str:
    """A hash, to compare long contents."""
    return hashlib.sha256(data).hexdigest()


def import_text(*, actor: User | None, text: str, kind: str) -> tuple[dict[str, int], list[Problem]]:
    """Import a text. Returns its counts without missing hosts, and its warnings."""
    found = read_or_refuse(lambda: parse(text, kind))
    outcome = import_hosts(actor=actor, found=found, at=timezone.now())
    counts = outcome.counts()
    counts.pop("missing")
    return counts, outcome.warnings
