"""The cast and the props: people, a template, tickets, and the crank that workers turn in production."""

import hashlib
import hmac
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Department, Proxy, Role, User
from notify.sweep import sweep
from templates_engine.commands import import_template
from tickets.commands import submit as submitting
from tickets.dispatch import dispatch
from tickets.models import Ticket

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
    """alice asks, bob and dave decide, carol is nobody's proxy yet, heidi has nothing to do with it."""
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
    """Hand in a ticket."""
    return submitting.create(
        template="leave", form={"why": "family", **form}, actor=actor, at=timezone.now(), title=title
    )


def crank() -> None:
    """What dispatcher and workers do until nothing is left to do now."""
    while dispatch() + sweep():
        pass


def let_stand_in(principal: User, agent: User) -> Proxy:
    """A proxy for everything, for the hours around now."""
    hour = timedelta(hours=1)
    now = timezone.now()
    return Proxy.objects.create(
        principal=principal, agent=agent, starts_at=now - hour, ends_at=now + hour, created_by=principal
    )


def sign(token: str, *parts: str) -> str:
    """The platform's signature, worked out without our code."""
    return hashlib.sha1("".join(sorted([token, *parts])).encode()).hexdigest()


def same(left: str, right: str) -> bool:
    """Constant-time comparison, so that the tests do not teach another habit."""
    return hmac.compare_digest(left, right)
