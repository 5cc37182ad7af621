"""The content of a mail: message, form, what would run, and decisions, as far as the reader may see them."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from notify.models import Delivery
from notify.texts.contents import Contents, contents
from notify.texts.delivery_texts import message_of
from notify.texts.messages import Message
from notify.texts.safe_text import lines, one_line
from templates_engine.fields.moment import moment_in_words, read_datetime
from templates_engine.text import listed, localize
from tickets.models import ApprovalTask
from tickets.queries.visible import may_see
from tickets.states import TaskState

DECIDED = (TaskState.APPROVED, TaskState.CONFIRMED, TaskState.RETURNED, TaskState.VETOED, TaskState.TRANSFERRED)
VALUE_MAX, HOSTS_MAX, DECISIONS_MAX = 2000, 50, 50


@dataclass(frozen=True)
class Section:
    """A heading and its (label, value) rows."""

    title: str
    rows: list[tuple[str, str]]


@dataclass(frozen=True)
class MailContent:
    """A message and the sections below it. The texts are already safe as plain text; the HTML template escapes them."""

    message: Message
    sections: list[Section]


def write(delivery: Delivery) -> MailContent:
    """The content of the mail for this delivery's recipient, in the active language.

    A recipient who may no longer see the ticket gets the message alone.
    """
    message, recipient = message_of(delivery), delivery.person
    sections: list[Section] = []
    if delivery.act is None and may_see(recipient, delivery.happened.ticket, timezone.now()):
        asked = contents(delivery.happened.ticket, recipient)
        sections = [
            Section(_("What is asked for"), [(said.label, said.words) for said in asked.form]),
            *(_plan(plan, asked) for plan in asked.plans),
            Section(_("Decided so far"), _decisions(asked)),
        ]
    facts = [_harmless(fact) for fact in message.facts]
    return MailContent(
        replace(message, heading=one_line(message.heading), facts=facts),
        [Section(one_line(s.title), [_harmless(row) for row in s.rows]) for s in sections if s.rows],
    )


def _plan(plan: dict[str, Any], asked: Contents) -> Section:
    """What would run, as approved: command, parameters, hosts, time, digest."""
    hosts = [target["name"] for target in plan["targets"]]
    shown = listed(hosts[:HOSTS_MAX]) + (
        _(" and %(count)s more") % {"count": len(hosts) - HOSTS_MAX} if len(hosts) > HOSTS_MAX else ""
    )
    rows = [(_("Runs"), localize(command)) for command in plan["command"]]
    rows += [
        (localize(plan["labels"].get(name, name)), value if isinstance(value, str) else str(value))
        for name, value in plan["params"].items()
        if value not in (None, "")
    ]
    rows += [(_("Hosts"), shown)] if hosts else []
    rows += [(_("Health check"), localize(command)) for check in plan["checks"] for command in check["command"]]
    if plan["dry_run"] and plan["dry_run"]["words"]:
        rows.append((_("Dry run"), localize(plan["dry_run"]["words"])))
    rows += [(_("Not before"), moment_in_words(read_datetime(plan["not_before"])))] if plan["not_before"] else []
    rows += [(_("Digest"), asked.ticket.content.digest)] if asked.ticket.content else []
    return Section(_("What runs: %(name)s") % {"name": localize(plan["name"])}, rows)


def _decisions(asked: Contents) -> list[tuple[str, str]]:
    """(step, who decided what and when, with the comment), oldest first."""
    tasks = ApprovalTask.objects.filter(ticket=asked.ticket, state__in=DECIDED, decided_by__isnull=False)
    tasks = tasks.select_related("decided_by", "on_behalf_of", "visit").order_by("-decided_at", "-pk")[:DECISIONS_MAX]
    nodes = asked.ticket.template_version.program.get("nodes", {})
    return [
        (localize(nodes.get(task.visit.node, {}).get("name") or task.visit.node), _decision(task))
        for task in reversed(tasks)
    ]


def _decision(task: ApprovalTask) -> str:
    who = task.decided_by.name if task.decided_by else _("System")
    if task.on_behalf_of:
        who = _("%(agent)s for %(principal)s") % {"agent": who, "principal": task.on_behalf_of.name}
    at: datetime = task.decided_at or task.created_at
    said = f"{who} · {TaskState(task.state).label} · {moment_in_words(at)}"
    return f"{said}\n{task.comment}" if task.comment else said


def _harmless(row: tuple[str, str]) -> tuple[str, str]:
    label, value = row
    return one_line(label), lines(value if len(value) <= VALUE_MAX else value[:VALUE_MAX] + "…")
