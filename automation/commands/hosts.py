"""Changing the inventory. Running and approved plans are not touched: they hold their own hosts (I15)."""

import logging
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import OPERATE, has_permission
from automation.errors import HostExists
from automation.inventory.entry import HostEntry, findings
from automation.inventory.parse import parse
from automation.inventory.problems import Unreadable, first_of
from automation.models import Host
from automation.models.host import Connection
from automation.values import finding
from tickets.errors import Invalid, NotAllowed

logger = logging.getLogger("baton.automation")

Counts = dict[str, int]


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


def import_text(*, actor: User | None, text: str, kind: str) -> tuple[Counts, list[dict[str, str]]]:
    """Add and update hosts from an inventory, all or none; hosts that it does not name stay as they are.

    actor None: the command line. Answers {created, updated, unchanged}, and what looks like a mistake.
    Raises NotAllowed, Invalid per line.
    """
    if actor is not None:
        _require_operator(actor)
    try:
        entries = parse(text, kind)
    except Unreadable as error:
        raise Invalid(first_of(error.errors)) from error
    counts = import_entries(entries)
    logger.info("hosts.imported", extra={"actor": actor.pk if actor else None, "hosts": counts})
    return counts, first_of(shared_addresses(entries))


def shared_addresses(entries: Sequence[HostEntry]) -> list[dict[str, str]]:
    """Of these hosts those that are reached where another one is: one machine under two names runs a job twice."""
    ways = Host.objects.filter(is_active=True, connection=Connection.SSH).order_by("name")
    names: dict[tuple[str, int], list[str]] = {}
    for name, address, port in ways.values_list("name", "address", "port"):
        names.setdefault(((address or name).lower(), port), []).append(name)
    found = []
    for entry in entries:
        here = names.get(((entry.address or entry.name).lower(), entry.port), [])
        others = [name for name in here if name != entry.name]
        if entry.name in here and others:
            message = _("%(name)s and %(others)s have the same address %(address)s: a job would run there twice.")
            values = {"name": entry.name, "others": ", ".join(others[:5]), "address": entry.address or entry.name}
            found.append(finding(f"{entry.path}.address", "shared_address", message % values))
    return found


@transaction.atomic
def import_entries(entries: Sequence[HostEntry]) -> Counts:
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
    wrong = [found for entry in entries for found in findings(entry)]
    seen: dict[str, str] = {}
    for entry in entries:
        first = seen.setdefault(str(entry.name).lower(), str(entry.name))
        if first != entry.name:
            message = _("%(name)s and %(first)s differ in case only. Keep one.")
            wrong.append(finding(entry.path, "duplicate_host", message % {"name": entry.name, "first": first}))
    if wrong:
        raise Invalid(first_of(wrong))
