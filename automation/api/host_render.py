"""Renders hosts of the inventory for the API."""

from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from accounts.organisation.people import profile_facts
from accounts.permissions import OPERATE, has_permission
from automation.hosts.audience import closed_groups, with_limits
from automation.models import Host
from automation.queries.hosts import get_host, totals
from common.paging import Page

SHOWN = (
    "name", "connection", "groups", "labels", "site", "is_active", "facts", "facts_at", "check_result", "checked_at",
    "check_requested_at", "created_at", "updated_at",
)  # fmt: skip
GUARDED = ("address", "port", "user", "minion", "variables", "check_message")


def host(row: Any, closed: set[str], *, to_operator: bool) -> dict[str, Any]:
    """One host; its connection data only for operators. row: with `limits`. closed: groups closed to the user."""
    return {
        **{name: getattr(row, name) for name in SHOWN},
        **{name: getattr(row, name) if to_operator else None for name in GUARDED},
        "limited_by": row.limits,
        "may_target": row.is_active and closed.isdisjoint(row.limits),
    }


def closed_for(user: User, rows: list[Any]) -> set[str]:
    """The groups of these hosts that are closed to this user. No query if none of the groups limits access."""
    limits = {group for row in rows for group in row.limits}
    return closed_groups(profile_facts(user), limits) if limits else set()


def one_host(name: str, user: User) -> dict[str, Any]:
    """One host as this user may see it. Raises NoSuchHost."""
    row = get_host(name)
    return host(row, closed_for(user, [row]), to_operator=has_permission(user, OPERATE))


def host_page(rows: QuerySet[Host], asked: Page, user: User, *, operates: bool, total: bool) -> dict[str, Any]:
    """One page of hosts, ordered by name."""
    behind = rows.filter(name__gt=asked.after) if asked.after is not None else rows
    found = list(with_limits(behind)[: asked.limit + 1])
    closed = closed_for(user, found)
    answer = asked.answer([host(row, closed, to_operator=operates) for row in found], key=lambda row: row["name"])
    return answer | ({"totals": totals(rows)} if total else {})
