"""Find runs, for operators; values of fields that are hidden from them are masked (I23)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import F, FilteredRelation, Prefetch, Q, QuerySet

from accounts.models import User
from accounts.permissions import may_read_records
from automation.actions.library import library
from automation.actions.wording import filled
from automation.models.audit import AuditHost, AuditMode, AuditRun
from templates_engine.nodes.runs import is_output, steps_of, way_back
from templates_engine.parts import Node
from templates_engine.store.programs import load
from tickets.errors import NotAllowed
from tickets.queries.detail import hidden_from
from tickets.queries.hidden import MASK, shown_plan, tells

HOSTS_SHOWN = 100
Place = tuple[datetime, int]


def require_auditor(user: User) -> None:
    """Allow operators and administrators. Raises NotAllowed for others."""
    if not may_read_records(user):
        raise NotAllowed


def matching(
    *, host: str | None = None, action: str | None = None, ticket: str | None = None, actor: str | None = None,
    begins: datetime | None = None, ends: datetime | None = None, mode: str | None = None, dry_runs: bool = False,
) -> QuerySet[AuditRun]:  # fmt: skip
    """The runs that match, newest first, each with `place`: the time when it began.

    actor: the person who asked for it, or who decided in its approval. begins, ends: it began in [begins, ends).
    """
    rows = AuditRun.objects.select_related("ticket", "asked_by")
    when = "began_at"
    if host:  # run and host have the same time; each has an index
        rows = rows.annotate(found=FilteredRelation("hosts", condition=Q(hosts__host=host)))
        when = "found__began_at"
    rows = rows.annotate(place=F(when)).order_by(F("place").desc(), "-pk")
    wanted: dict[str, Any] = {
        "action": action, "ticket__number": ticket, "mode": mode, f"{when}__gte": begins, f"{when}__lt": ends,
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in wanted.items() if value}, **{f"{when}__isnull": False})
    if actor:
        rows = rows.filter(Q(asked_by__username=actor) | Q(approved_by__contains=[actor]))
    return rows if dry_runs or mode else rows.exclude(mode=AuditMode.CHECK)


def after(rows: QuerySet[AuditRun], place: Place) -> QuerySet[AuditRun]:
    """The runs older than this place."""
    at, pk = place
    return rows.filter(Q(place__lte=at)).filter(Q(place__lt=at) | Q(pk__lt=pk))


def shown(rows: Iterable[AuditRun], user: User, at: datetime, *, host: str | None = None) -> Iterator[dict[str, Any]]:
    """Each run as the API and the files show it; `hosts` are all of them.

    host: the host that was searched for; a run whose hosts are hidden from this person is then left out, because
    finding it would reveal the host.
    """
    hidden: dict[int, frozenset[str]] = {}
    for row in rows:
        if row.ticket_id not in hidden:
            hidden[row.ticket_id] = hidden_from(user, row.ticket, at)
        found = _masked(row, hidden[row.ticket_id])
        if not (host and found["hosts_hidden"]):
            yield found


def with_hosts(rows: QuerySet[AuditRun]) -> QuerySet[AuditRun]:
    """The same runs with their hosts, in one more statement."""
    return rows.prefetch_related(Prefetch("hosts", AuditHost.objects.order_by("pk")))


def _masked_params(row: AuditRun, node: Node, hidden: frozenset[str]) -> dict[str, Any]:
    """The arguments, with every value masked that may come from a hidden field. If that is unclear, all are masked.

    A health check and the action's own rollback get values under the names of another action, and a value from an
    earlier stage may reveal that stage's arguments.
    """
    steps = [step for _path, step in steps_of(node)]
    asked = way_back(node) if row.mode == AuditMode.ROLLBACK else dict(enumerate(steps, 1)).get(row.stage)
    is_known = asked is not None and asked["action"] == row.action and row.mode != AuditMode.HEALTH
    if asked is None or not is_known or (row.mode == AuditMode.CHECK and len(steps) > 1):
        return dict.fromkeys(row.params, MASK)
    sources = asked.get("params", {})
    return {
        name: MASK if is_output(sources.get(name)) or tells(sources.get(name), hidden) else value
        for name, value in row.params.items()
    }


def _masked(row: AuditRun, hidden: frozenset[str]) -> dict[str, Any]:
    node = load(row.ticket.template_version_id).node(row.node)
    known = library().action(row.action, row.version)
    command = row.command or (filled(known.command, row.params) if known else None)
    hosts = [
        {"name": host.host, "address": host.address, "connection": host.connection, "status": host.status}
        for host in row.hosts.all()
    ]
    seen = shown_plan({"params": row.params, "command": [command]}, node, hidden)
    if not seen["command"]:
        seen["params"] = _masked_params(row, node, hidden)
    are_hosts_hidden = tells(node.get("targets"), hidden)
    times = ("began_at", "ended_at", "outcome", "mode", "attempt", "stage")
    what = ("node", "action", "version", "executor", "site")
    return {
        "id": row.pk,
        **{name: getattr(row, name) for name in (*times, *what)},
        "action_name": known.name if known else row.action,
        "job": row.job_id,
        "ticket": row.ticket.number,
        "params": seen["params"],
        "command": seen["command"][0] if seen["command"] else None,
        "asked_by": row.asked_by.username if row.asked_by else None,
        "approved_by": row.approved_by,
        "host_count": len(hosts),
        "hosts": [{"name": MASK, "address": MASK, "connection": "", "status": ""}] if are_hosts_hidden else hosts,
        "hosts_hidden": are_hosts_hidden,
    }
