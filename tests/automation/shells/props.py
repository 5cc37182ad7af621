"""Received lines, and a template for tickets of alarms."""

import itertools
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.trail.acts import SYSTEM
from automation.models import Host, ShellAlarm, ShellHost, ShellLine, ShellWord
from automation.shells.alarms.matching import search_all_hosts
from automation.shells.alarms.rules import add_word
from automation.shells.alarms.ticket_opening import settle_waiting
from templates_engine.store.commands import import_template

_keys = itertools.count(1)

TEMPLATE = """
apiVersion: baton/v1
kind: TicketTemplate
key: incident
name: {zh: 安全事件, en: Incident}
category: 安全
number_prefix: SEC
form:
  - {key: what, type: textarea, label: {zh: 经过, en: What}, required: true, max_length: 400}
  - {key: line, type: text, label: {zh: 命令, en: Line}, max_length: 40}
  - {key: where, type: hosts, label: {zh: 主机, en: Hosts}}
  - {key: when, type: datetime, label: {zh: 时间, en: When}}
  - {key: kind, type: select, label: {zh: 类型, en: Kind}, options: [low, high], required: true}
chain:
  - {node: leader, type: approval, name: 主管, approvers: [{user: bob}]}
"""
FORM: dict[str, Any] = {
    "what": {"from": "all"}, "line": {"from": "command"}, "where": {"from": "host"}, "when": {"from": "at"},
    "kind": {"value": "high"},
}  # fmt: skip


def publish(text: str = TEMPLATE) -> None:
    """Store and publish the template."""
    import_template(text=text, actor=None, at=timezone.now(), publish_it=True)


def enrolled(name: str = "web-01", *groups: str) -> ShellHost:
    """A host of the inventory that is enrolled to send lines."""
    host, _new = Host.objects.get_or_create(name=name, defaults={"groups": list(groups)})
    key = f"ssh-ed25519 AAAA{next(_keys)}"
    return ShellHost.objects.create(host=host, name=name, public_key=key, enrolled_at=timezone.now())


def typed(
    host: ShellHost, *commands: str, session: str = "s1", user: str = "root", at: datetime | None = None, **more: Any
) -> list[ShellLine]:
    """Store these lines as received from a host, in order."""
    at = at or timezone.now()
    whence = {"tty": "pts/0", "source": "10.0.0.7", "cwd": "/root"} | more
    lines = []
    for command in commands:
        host.last_seq += 1
        line = ShellLine(
            shell_host=host, seq=host.last_seq, at=at, received_at=at, user=user, session=session, **whence
        )
        line.command = command
        line.save()
        lines.append(line)
    host.newest, host.last_at = lines[-1].pk, at
    host.save(update_fields=["last_seq", "newest", "last_at"])
    return lines


def rule(admin: User, pattern: str = "rm -rf /", **given: Any) -> ShellWord:
    """A rule made by an administrator."""
    return add_word(actor=admin, given={"pattern": pattern, **given}, at=timezone.now(), origin=SYSTEM)


def crank() -> list[ShellAlarm]:
    """Look for matches and settle alarms; returns all alarms, oldest first."""
    search_all_hosts(timezone.now())
    while settle_waiting():
        pass
    return list(ShellAlarm.objects.select_related("ticket").order_by("pk"))
