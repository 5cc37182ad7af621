"""Test people and helpers: alice applies, bob (her manager) approves, dave is the DBA, heidi is not involved.

All helpers use the same commands as users: templates are imported, tickets submitted, tasks decided.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from accounts.commands import change_proxy, grant_proxy
from accounts.models import Proxy, Role, RoleMember, User
from templates_engine.models import TemplateVersion
from templates_engine.store.commands import import_template
from tickets.audit.verify import verify
from tickets.commands import execution, signers
from tickets.commands import reassign as reassigning
from tickets.commands import submit as submitting
from tickets.commands.decide import decide
from tickets.commands.submit import create
from tickets.models import ApprovalTask, Event, NodeVisit, Ticket

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NGINX = {"server_name": "shop.example.com", "upstream": "10.0.0.8:8080", "hosts": ["demo-01"]}
LEAVE = {"kind": "annual", "from": "2026-12-01", "days": 2}


def user(name: str) -> User:
    """A test person by username."""
    return User.objects.get(username=name)


def person(name: str, **fields: Any) -> User:
    """A new person with no department, no manager and no role."""
    return User.objects.create(username=name, name=name.title(), **fields)


def give_role(role: str, *names: str) -> None:
    """Give these people a role; it is created if missing."""
    held, _new = Role.objects.get_or_create(key=role)
    for name in names:
        RoleMember.objects.get_or_create(role=held, user=user(name))


def document(chain: list[Any], form: list[Any] | None = None, **parts: Any) -> str:
    """A template document; JSON is also YAML."""
    whole = {"apiVersion": "baton/v1", "kind": "TicketTemplate", "key": "t", "name": "T"}
    return json.dumps({**whole, "form": form or [], "chain": chain, **parts}, ensure_ascii=False)


def template(chain: list[Any], form: list[Any] | None = None, *, key: str = "t", **parts: Any) -> TemplateVersion:
    """A published template with this chain."""
    text = document(chain, form, key=key, **parts)
    return import_template(text=text, actor=None, at=NOW, publish_it=True).version


def approval(node: str, *approvers: dict[str, Any], **more: Any) -> Any:
    """An approval node."""
    return {"node": node, "type": "approval", "approvers": list(approvers), **more}


def one(node: str, who: str, **more: Any) -> Any:
    """An approval node of one person."""
    return approval(node, {"user": who}, **more)


def submit(key: str = "t", form: Any | None = None, *, by: str = "alice", at: datetime = NOW, **more: Any) -> Ticket:
    """A submitted ticket."""
    return create(template=key, form=form or {}, actor=user(by), at=at, **more)


def pending(ticket: Ticket, assignee: str | None = None) -> ApprovalTask:
    """The only pending task, of anybody or of this person."""
    waiting = ApprovalTask.objects.filter(ticket=ticket, state="pending")
    return (waiting.filter(assignee__username=assignee) if assignee else waiting).get()


def waiting(ticket: Ticket) -> list[str]:
    """The usernames of pending assignees."""
    rows = ApprovalTask.objects.filter(ticket=ticket, state="pending").order_by("assignee__username")
    return list(rows.values_list("assignee__username", flat=True))


def act(
    ticket: Ticket, who: str, verb: Any = "approve", *, seat: str | None = None, at: datetime = NOW, **more: Any
) -> Ticket:
    """Decide the pending task of `seat` (default: the actor's own)."""
    task = pending(ticket, seat or who)
    return decide(task_id=task.pk, verb=verb, actor=user(who), at=at, channel="web", **more)


def proxy(principal: str, agent: str, starts: datetime, ends: datetime, templates: list[str] | None = None) -> Proxy:
    """A proxy granted by this principal at its start; the templates need not exist."""
    made = grant_proxy(
        actor=user(principal), principal=None, agent=agent, starts_at=starts, ends_at=ends, templates=None, reason="",
        at=starts,
    )  # fmt: skip
    if templates is None:
        return made
    with patch("accounts.commands.proxies.known_templates", set):
        return change_proxy(actor=user(principal), proxy_id=made.pk, at=starts, templates=templates)


def kinds(ticket: Ticket) -> list[str]:
    """The kinds of the ticket's events, oldest first."""
    return list(Event.objects.filter(ticket=ticket).order_by("seq").values_list("kind", flat=True))


def breaks(ticket: Ticket) -> list[str]:
    """The codes that `audit verify` reports for it."""
    return [found.what for found in verify([Ticket.objects.get(pk=ticket.pk)])]


def automation_visit(ticket: Ticket) -> NodeVisit:
    """Its newest automation visit."""
    return NodeVisit.objects.filter(ticket=ticket, type="automation").latest("id")


def fresh(ticket: Ticket) -> Ticket:
    """The ticket as the database has it now."""
    return Ticket.objects.get(pk=ticket.pk)


# --- the whole chain language -----------------------------------------------------------------------------

HOSTS = {"key": "hosts", "type": "hosts", "label": "H", "required": True}
HOST = {"hosts": ["demo-01"]}


def parallel(node: str, *branches: list[Any], **more: Any) -> Any:
    """A fork with these branches."""
    return {"node": node, "type": "parallel", "branches": [{"chain": chain} for chain in branches], **more}


def restart(node: str = "run", **more: Any) -> Any:
    """An automation that changes something."""
    return {"node": node, "type": "automation", "action": "service.restart", "targets": "form.hosts",
            "params": {"service": "'nginx'"}, **more}  # fmt: skip


def move(
    ticket: Ticket, who: str, verb: str, *users: str, seat: str | None = None, at: datetime = NOW, **more: Any
) -> Ticket:
    """transfer, add_sign or remove_sign at the pending task of `seat` (default: the actor's own)."""
    task = pending(ticket, seat or who)
    command: Any = {"transfer": signers.transfer, "add_sign": signers.add_sign, "remove_sign": signers.remove_sign}[
        verb
    ]
    return command(task_id=task.pk, actor=user(who), at=at, users=list(users), channel="web", **more)


def reassign(ticket: Ticket, node: str, *users: str, by: str = "admin", at: datetime = NOW) -> Ticket:
    """Reassign a node to these people as administrator."""
    return reassigning.reassign(
        number=ticket.number, actor=user(by), at=at, node=node, users=list(users), comment="gone"
    )


def visit(ticket: Ticket, node: str) -> NodeVisit:
    """The newest round of a node."""
    return NodeVisit.objects.filter(ticket=ticket, node=node).latest("round")


def opened(ticket: Ticket) -> list[str]:
    """The nodes that are open."""
    return sorted(NodeVisit.objects.filter(ticket=ticket, state="open").values_list("node", flat=True))


def begin(ticket: Ticket, node: str = "run", *, job: int = 1, at: datetime = NOW) -> execution.Approved:
    """Begin the job of a node as the executor."""
    return execution.begin(visit_id=visit(ticket, node).pk, job_id=job, at=at)


def finish(ticket: Ticket, node: str = "run", *, ok: bool = True, job: int = 1, at: datetime = NOW) -> Ticket:
    """Finish the job of a node."""
    outcome = "completed" if ok else "failed"
    execution.settle(visit_id=visit(ticket, node).pk, job_id=job, at=at, ok=ok, outcome=outcome, hosts={})
    return fresh(ticket)


def resubmit(ticket: Ticket, form: Any | None = None, *, by: str = "alice", **more: Any) -> Ticket:
    """Submit the ticket again."""
    return submitting.resubmit(number=ticket.number, actor=user(by), at=NOW, form=form, **more)


def last_event(ticket: Ticket, kind: str) -> Any:
    """The data of its newest event of this kind."""
    return Event.objects.filter(ticket=ticket, kind=kind).latest("seq").data
