"""Commands that change one host. Running and approved plans do not change: they contain their own hosts (I15)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import OPERATE, has_permission
from accounts.trail.acts import Kind, Origin, record
from automation.errors import HostExists, HostInUse, NoSuchHost
from automation.inventory.entry import HostEntry, findings
from automation.inventory.names import ROUTES
from automation.inventory.problems import first_of
from automation.models import Host, HostGroup
from automation.queries.hosts import impact
from common.errors import Problem, finding
from tickets.errors import Invalid, NotAllowed

COLUMNS = ("address", "connection", "port", "user", "minion", "site", "groups", "labels", "variables")


@transaction.atomic
def add_host(*, actor: User, entry: HostEntry, at: datetime, origin: Origin) -> Host:
    """Add a host. Raises NotAllowed, Invalid, HostExists."""
    require_operator(actor)
    require_sound([entry])
    require_free_names([entry])
    if Host.objects.filter(name__iexact=entry.name).exists():
        raise HostExists
    host = Host.objects.create(name=entry.name, **entry.values())
    know_groups(host.groups)
    _record(Kind.HOST_ADDED, host, actor, at, origin)
    return host


@transaction.atomic
def change_host(*, actor: User, name: str, changes: dict[str, Any], at: datetime, origin: Origin) -> Host:
    """Change some columns of a host, including `is_active`. Raises NotAllowed, NoSuchHost, Invalid."""
    require_operator(actor)
    host = _locked(name)
    before = values_of(host)
    after = before | changes
    entry = HostEntry(host.name, **{key: after[key] for key in COLUMNS})
    require_sound([entry])
    after |= entry.values()
    differing = {key: value for key, value in before.items() if after[key] != value}
    if differing:
        for key in differing:
            setattr(host, key, after[key])
        host.save()
        know_groups(host.groups)
        _record(Kind.HOST_CHANGED, host, actor, at, origin, before=differing)
    return host


@transaction.atomic
def remove_host(*, actor: User, name: str, force: bool, at: datetime, origin: Origin) -> None:
    """Remove a host from the inventory. force: even if open tickets or jobs use it; they continue.

    Raises NotAllowed, NoSuchHost, HostInUse.
    """
    require_operator(actor)
    host = _locked(name)
    hurt = impact(host, actor, at)
    if (hurt["tickets"] or hurt["jobs"]) and not force:
        raise HostInUse(**hurt)
    _record(Kind.HOST_REMOVED, host, actor, at, origin, tickets=[ticket["number"] for ticket in hurt["tickets"]])
    host.delete()


def values_of(host: Host) -> dict[str, Any]:
    """The columns of a host that people set."""
    return {key: getattr(host, key) for key in (*COLUMNS, "is_active")}


def know_groups(names: Iterable[str]) -> None:
    """Create the groups of these names that do not exist yet; new groups are open to everyone."""
    HostGroup.objects.bulk_create([HostGroup(name=name) for name in sorted(set(names))], ignore_conflicts=True)


def require_operator(actor: User) -> None:
    """Raise NotAllowed unless the actor may operate."""
    if not has_permission(actor, OPERATE):
        raise NotAllowed


def require_sound(entries: Sequence[HostEntry]) -> None:
    """Raise Invalid with all problems of these hosts."""
    wrong = [found for entry in entries for found in findings(entry)]
    seen: dict[str, str] = {}
    for entry in entries:
        first = seen.setdefault(str(entry.name).lower(), str(entry.name))
        if first != entry.name:
            message = _("%(name)s and %(first)s differ in case only. Keep one.")
            wrong.append(finding(entry.path, "duplicate_host", message % {"name": entry.name, "first": first}))
    if wrong := wrong or _shared_minions(entries):
        raise Invalid(first_of(wrong))


def require_free_names(entries: Iterable[HostEntry]) -> None:
    """For new hosts: raise Invalid if a name is also a fixed part of a URL of the API, such as `hosts/import`."""
    message = _("No host can be called %(name)s: the API has a call of that name. Choose another one.")
    wrong = [
        finding(f"{entry.path}.name".lstrip("."), "reserved_name", message % {"name": entry.name})
        for entry in entries
        if entry.name.lower() in ROUTES
    ]
    if wrong:
        raise Invalid(first_of(wrong))


def _shared_minions(entries: Sequence[HostEntry]) -> list[Problem]:
    """Problems of hosts that use the minion id of another host: Salt would run there twice."""
    named = {entry.name for entry in entries}
    others = Host.objects.exclude(minion="").exclude(name__in=named).values_list("minion", "name")
    owners = dict(others)
    wrong = []
    for entry in entries:
        owner = owners.setdefault(entry.minion, entry.name) if entry.minion else entry.name
        if owner != entry.name:
            message = _("%(owner)s has the minion id %(minion)s already. Keep one.")
            values = {"owner": owner, "minion": entry.minion}
            wrong.append(finding(f"{entry.path}.minion".lstrip("."), "minion_taken", message % values))
    return wrong


def _locked(name: str) -> Host:
    host = Host.objects.select_for_update().filter(name=name).first()
    if host is None:
        raise NoSuchHost
    return host


def _record(kind: Kind, host: Host, actor: User, at: datetime, origin: Origin, **more: Any) -> None:
    data = {"name": host.name, **values_of(host), **more}
    record(kind, actor=actor, origin=origin, at=at, about=f"host:{host.pk}", data=data)
