"""Imports hosts into the inventory; a dry run shows all changes first."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.trail.acts import SYSTEM, Kind, Origin, record
from automation.commands.hosts import know_groups, require_free_names, require_operator, require_sound, values_of
from automation.hosts.audience import limiting
from automation.inventory.entry import HostEntry
from automation.inventory.group_tree import Inventory
from automation.inventory.problems import Unreadable, first_of
from automation.inventory.salt import clean_facts
from automation.models import Host
from automation.models.host import Connection
from common.errors import Problem, finding
from tickets.errors import Invalid

MOST_SHOWN = 500  # changes that a preview lists
MOST_RECORDED = 1000  # host names that the audit trail stores for one import


@dataclass
class Change:
    """What an import does to one host. fields: column → (before, after), empty for a new host."""

    name: str
    what: str  # created or updated
    fields: dict[str, tuple[Any, Any]] = field(default_factory=dict)


@dataclass
class Outcome:
    """What an import did, or would do. missing: expected hosts that are not in it; they stay unchanged."""

    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0
    missing: list[str] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def count(self, what: str) -> int:
        """How many hosts are created or updated. what: `created` or `updated`."""
        return sum(change.what == what for change in self.changes)

    def counts(self) -> dict[str, int]:
        """The number of created, updated, unchanged and missing hosts."""
        figures = {what: self.count(what) for what in ("created", "updated")}
        return figures | {"unchanged": self.unchanged, "missing": len(self.missing)}


def shown(outcome: Outcome, *, dry_run: bool) -> dict[str, Any]:
    """What an import did, or would do, in the shape of the API and of a source's run."""
    return {
        "dry_run": dry_run,
        **outcome.counts(),
        "changes": [
            {
                "name": change.name,
                "change": change.what,
                "changes": [
                    {"field": field, "before": before, "after": after}
                    for field, (before, after) in sorted(change.fields.items())
                ],
            }
            for change in outcome.changes[:MOST_SHOWN]
        ],
        "missing_names": outcome.missing[:MOST_SHOWN],
        "has_more": len(outcome.changes) > MOST_SHOWN or len(outcome.missing) > MOST_SHOWN,
        "warnings": outcome.warnings,
    }


def import_hosts(
    *,
    actor: User | None,
    found: Inventory,
    at: datetime,
    origin: Origin = SYSTEM,
    dry_run: bool = False,
    expected: Collection[str] | None = None,
    said: dict[str, Any] | None = None,
) -> Outcome:
    """Add and update hosts, all or none; columns that a file does not mention stay unchanged. dry_run: change nothing.

    actor None: the command line, or a scheduled run of a source. expected: the hosts that are reported if missing,
    None for all active ones. said: data for the audit trail about the origin. Raises NotAllowed, Invalid per line.
    """
    if actor is not None:
        require_operator(actor)
    with transaction.atomic():
        outcome, rows = _compared(found, at, expected)
        if not dry_run and rows:
            _write(rows, outcome)
            _record(outcome, actor, at, origin, said or {})
    return outcome


def read_or_refuse(read: Any) -> Inventory:
    """Call a reader and return its inventory. Raises Invalid per line."""
    try:
        found: Inventory = read()
    except Unreadable as error:
        raise Invalid(first_of(error.errors)) from error
    return found


@transaction.atomic
def load(entries: Sequence[HostEntry], at: datetime) -> None:
    """Import Baton's own hosts, such as those of the demonstration; not recorded in the audit trail."""
    outcome, rows = _compared(Inventory(list(entries)), at, None)
    if rows:
        _write(rows, outcome)


def _compared(found: Inventory, at: datetime, expected: Collection[str] | None) -> tuple[Outcome, list[Host]]:
    """The changes of an inventory, and the new state of the rows; new rows have no primary key yet. Raises Invalid.

    Locks all hosts.
    """
    known = {host.name: host for host in Host.objects.select_for_update().order_by("pk")}
    if found.by_minion:
        _use_known_names(found.entries, known.values())
    require_sound(found.entries)
    _require_known_spelling(found.entries, known)
    require_free_names(entry for entry in found.entries if entry.name not in known)
    kept = set(limiting().values_list("name", flat=True))
    outcome, rows = Outcome(warnings=list(found.odd)), []
    for entry in found.entries:
        host = known.get(entry.name)
        if host is None:
            rows.append(_new(entry, at))
            outcome.changes.append(Change(entry.name, "created"))
            continue
        change = _change(host, entry, kept, outcome.warnings)
        outcome.unchanged += not change.fields
        for column, (_before, after) in change.fields.items():
            setattr(host, column, after)
        if change.fields:
            outcome.changes.append(change)
        if change.fields or _remember_facts(host, entry, at):
            rows.append(host)
    if wrong := _taken_minions(found.entries, {**known, **{host.name: host for host in rows}}):
        raise Invalid(first_of(wrong))
    here = {entry.name for entry in found.entries}
    wanted = (
        {name for name, host in known.items() if host.is_active} if expected is None else set(expected) & set(known)
    )
    outcome.missing = sorted(wanted - here)
    outcome.warnings = first_of(outcome.warnings + shared_addresses(found.entries, [*known.values(), *rows]))
    return outcome, rows


def _use_known_names(entries: list[HostEntry], hosts: Iterable[Host]) -> None:
    """Rename entries whose minion id belongs to a known host to the name of that host."""
    names = {host.minion: host.name for host in hosts if host.minion}
    for entry in entries:
        if isinstance(entry.minion, str):
            entry.name = names.get(entry.minion, entry.name)


def _require_known_spelling(entries: Sequence[HostEntry], known: Collection[str]) -> None:
    """Raise Invalid if a name differs from a known host's name only in upper and lower case."""
    spelt = {name.lower(): name for name in known}
    message = _("%(name)s and %(first)s differ in case only. Keep one.")
    wrong = [
        finding(entry.path, "duplicate_host", message % {"name": entry.name, "first": spelt[entry.name.lower()]})
        for entry in entries
        if spelt.get(entry.name.lower(), entry.name) != entry.name
    ]
    if wrong:
        raise Invalid(first_of(wrong))


def _taken_minions(entries: Sequence[HostEntry], hosts: Mapping[str, Host]) -> list[Problem]:
    """Problems of hosts that would get the minion id of another host. hosts: in their new state."""
    owners: dict[str, set[str]] = {}
    for host in hosts.values():
        owners.setdefault(host.minion, set()).add(host.name)
    wrong = []
    for entry in entries:
        minion = hosts[entry.name].minion if "minion" in entry.given | entry.columns else ""
        if minion and (others := sorted(owners[minion] - {entry.name})):
            message = _("%(owner)s has the minion id %(minion)s already. Keep one.")
            values = {"owner": others[0], "minion": minion}
            wrong.append(finding(f"{entry.path}.minion", "minion_taken", message % values))
    return wrong


def _new(entry: HostEntry, at: datetime) -> Host:
    host = Host(name=entry.name, is_active=entry.disabled is not True, **entry.values())
    _remember_facts(host, entry, at)
    return host


def _remember_facts(host: Host, entry: HostEntry, at: datetime) -> bool:
    if entry.facts is None:
        return False
    host.facts, host.facts_at = clean_facts(entry.facts), at
    return True


def _change(host: Host, entry: HostEntry, kept: set[str], warnings: list[Problem]) -> Change:
    """The differences in the columns that the file mentions.

    An import never removes a host from a group that limits who may target it: files do not contain such limits.
    """
    before, after = values_of(host), entry.values()
    told = {column: after[column] for column in entry.given | (entry.columns & after.keys())}
    if entry.disabled is not None:
        told["is_active"] = not entry.disabled
    if "groups" in told and (held := kept & set(host.groups) - set(told["groups"])):
        told["groups"] = sorted({*told["groups"], *held})
        message = _("%(name)s stays in %(group)s, which limits who may target it. Remove it by hand.")
        values = {"name": host.name, "group": ", ".join(sorted(held))}
        warnings.append(finding(f"{entry.path}.groups", "limited_group_kept", message % values))
    fields = {column: (before[column], value) for column, value in told.items() if before[column] != value}
    return Change(host.name, "updated", fields)


def _write(rows: list[Host], outcome: Outcome) -> None:
    """Save the rows. Minion ids are unique and hosts may swap them, so they get temporary ids first."""
    moved = [change.name for change in outcome.changes if "minion" in change.fields]
    if moved:
        held = Host.objects.filter(name__in=moved).exclude(minion="")
        held.update(minion=Concat(Value("~"), Cast("pk", CharField())))
    changed = [host for host in rows if host.pk is not None]
    Host.objects.bulk_create([host for host in rows if host.pk is None], batch_size=1000)
    columns = [*values_of(rows[0]), "facts", "facts_at"]
    Host.objects.bulk_update(changed, columns, batch_size=500)
    know_groups({group for host in rows for group in host.groups})


def _record(outcome: Outcome, actor: User | None, at: datetime, origin: Origin, said: dict[str, Any]) -> None:
    """Record one audit event for the whole import, unless no host changed."""
    if not outcome.changes:
        return
    names: dict[str, list[str]] = {"created": [], "updated": []}
    for change in outcome.changes:
        names[change.what].append(change.name)
    data = {**said, **outcome.counts(), "names": {what: some[:MOST_RECORDED] for what, some in names.items()}}
    record(Kind.HOSTS_IMPORTED, actor=actor, origin=origin, at=at, about="hosts", data=data)


def shared_addresses(entries: Sequence[HostEntry], hosts: Iterable[Host]) -> list[Problem]:
    """Warnings for hosts with the address and port of another host: a job would run twice on that machine.

    hosts: the inventory in its new state.
    """
    names: dict[tuple[str, int], set[str]] = {}
    ways: dict[str, tuple[str, int]] = {}
    for host in hosts:
        if host.is_active and host.connection == Connection.SSH:
            ways[host.name] = ((host.address or host.name).lower(), host.port)
    for name, way in ways.items():
        names.setdefault(way, set()).add(name)
    found = []
    for entry in entries:
        others = sorted(names.get(ways.get(entry.name, ("", 0)), set()) - {entry.name})
        if others:
            message = _("%(name)s and %(others)s have the same address %(address)s: a job would run there twice.")
            values = {"name": entry.name, "others": ", ".join(others[:5]), "address": ways[entry.name][0]}
            found.append(finding(f"{entry.path}.address", "shared_address", message % values))
    return found
