"""Changing the inventory. Running and approved plans are not touched: they hold their own hosts (I15)."""

import logging
from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from accounts.permissions import OPERATE, has_permission
from automation.errors import HostExists
from automation.inventory.entry import HostEntry, findings
from automation.inventory.parse import Unreadable, parse
from automation.models import Host
from tickets.errors import Invalid, NotAllowed

logger = logging.getLogger("baton.automation")
MOST = 20_000


@transaction.atomic
def add_host(*, actor: User, entry: HostEntry) -> Host:
    """A new host. Raises NotAllowed, Invalid, HostExists."""
    _require_operator(actor)
    _require_sound([entry])
    if Host.objects.filter(name__iexact=entry.name).exists():
        raise HostExists
    host = Host.objects.create(name=entry.name, **entry.values())
    logger.info("host.added", extra={"host": host.pk, "actor": actor.pk})
    return host


def import_text(*, actor: User | None, text: str, kind: str) -> dict[str, int]:
    """Add and update hosts from an inventory, all or none; hosts that it does not name stay as they are.

    actor None: the command line. Answers {created, updated, unchanged}. Raises NotAllowed, Invalid per line.
    """
    if actor is not None:
        _require_operator(actor)
    try:
        entries = parse(text, kind)
    except Unreadable as error:
        raise Invalid(error.errors) from error
    counts = import_entries(entries)
    logger.info("hosts.imported", extra={"actor": actor.pk if actor else None, "hosts": counts})
    return counts


@transaction.atomic
def import_entries(entries: Sequence[HostEntry]) -> dict[str, int]:
    """Add and update these hosts, all or none. Raises Invalid."""
    _require_sound(entries)
    known = {host.name: host for host in Host.objects.select_for_update().order_by("pk")}
    counts = {"created": 0, "updated": 0, "unchanged": 0}
    for entry in entries:
        host = known.get(entry.name)
        if host is None:
            Host.objects.create(name=entry.name, **entry.values())
            counts["created"] += 1
        elif _differs(host, entry):
            Host.objects.filter(pk=host.pk).update(**entry.values(), is_active=True)
            counts["updated"] += 1
        else:
            counts["unchanged"] += 1
    return counts


def _differs(host: Host, entry: HostEntry) -> bool:
    return not host.is_active or any(getattr(host, key) != value for key, value in entry.values().items())


def _require_operator(actor: User) -> None:
    if not has_permission(actor, OPERATE):
        raise NotAllowed


def _require_sound(entries: Sequence[HostEntry]) -> None:
    wrong = [found for entry in entries[:MOST] for found in findings(entry)]
    seen: dict[str, str] = {}
    for entry in entries:
        first = seen.setdefault(str(entry.name).lower(), str(entry.name))
        if first != entry.name:
            wrong.append({"path": entry.path, "code": "duplicate_host", "message": f"{first} ≠ {entry.name}"})
    if wrong or len(entries) > MOST:
        raise Invalid(wrong)
