"""Builders for rows of a known month, written directly into the tables."""

import itertools
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Department, Role, RoleMember, User
from accounts.permissions import REPORTS
from templates_engine.models import Template, TemplateVersion
from templates_engine.store.seals import seal
from tickets.models import ApprovalTask, NodeVisit, Ticket

SHANGHAI = ZoneInfo("Asia/Shanghai")
_numbers = itertools.count(1)


def sh(text: str) -> datetime:
    """A time in Shanghai: `2026-11-03 09:30`."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def person(username: str, name: str | None = None, **fields: Any) -> User:
    """A person without special permissions."""
    return User.objects.create(username=username, name=name or username.title(), **fields)


def reader(username: str = "erin") -> User:
    """A person who may see reports."""
    user = person(username)
    role, _made = Role.objects.get_or_create(key="reporting", defaults={"permissions": [REPORTS]})
    RoleMember.objects.create(role=role, user=user)
    return user


def department(key: str = "platform", name: str = "平台组") -> Department:
    """A department."""
    return Department.objects.get_or_create(key=key, defaults={"name": name})[0]


def version(key: str = "restart", name: Any = None, number: int = 1) -> TemplateVersion:
    """A published version of a template."""
    template, _made = Template.objects.get_or_create(key=key)
    document = {"name": name or {"zh": "服务重启", "en": "Service restart"}}
    made, is_new = TemplateVersion.objects.get_or_create(
        template=template, number=number, defaults={"source": "", "document": document, "program": {}}
    )
    if is_new:
        seal(made)
    return made


def ticket(applicant: User, submitted: str | None, finished: str | None = None, **fields: Any) -> Ticket:
    """A ticket in state `approving`, or `completed` if `finished` is given. Times are in Shanghai."""
    at = sh(submitted) if submitted else sh("2026-11-01 00:00")
    values: dict[str, Any] = {
        "number": f"CHG-20261101-{next(_numbers):04}",
        "title": "Restart nginx",
        "template_version": fields.pop("version", None) or version(),
        "applicant": applicant,
        "state": "completed" if finished else "approving",
        "created_at": at - timedelta(minutes=5),
        "submitted_at": sh(submitted) if submitted else None,
        "finished_at": sh(finished) if finished else None,
    }
    return Ticket.objects.create(**values | fields)


def task(of: Ticket, assignee: User, created: str, decided: str | None = None, **fields: Any) -> ApprovalTask:
    """A seat of a ticket, approved by its assignee if `decided` is given."""
    visit = NodeVisit.objects.create(
        ticket=of, node=f"n{next(_numbers)}", round=1, type="approval", opened_at=sh(created)
    )
    values: dict[str, Any] = {
        "ticket": of,
        "visit": visit,
        "assignee": assignee,
        "created_at": sh(created),
        "state": "approved" if decided else "pending",
        "decided_by": assignee if decided else None,
        "decided_at": sh(decided) if decided else None,
    }
    return ApprovalTask.objects.create(**values | fields)
