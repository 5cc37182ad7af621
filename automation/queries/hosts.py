"""Queries of the inventory, and of the tickets and jobs that use a host."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet

from accounts.models import User
from automation.errors import NoSuchHost
from automation.hosts.audience import closed_to, with_limits
from automation.models import Host, Job
from automation.models.host import Connection
from automation.states import JobState
from tickets.queries.visible import seen_among
from tickets.states import TicketState

MOST_NAMED = 100  # tickets and jobs of one host, and values of one label
OPEN_TICKETS = [TicketState.APPROVING, TicketState.RETURNED, TicketState.EXECUTING, TicketState.FAILED]
UNENDED = [JobState.WAITING, JobState.RUNNING, JobState.PAUSED]
NAMED = """
SELECT t.number, t.title, t.state FROM tickets_ticket t JOIN tickets_contentversion c ON c.id = t.content_id
WHERE t.state = ANY(%(open)s) AND (
    jsonb_path_exists(c.plans, '$.*.targets[*] ? (@.name == $host)', jsonb_build_object('host', %(host)s::text))
    OR jsonb_path_exists(c.children, '$.**.targets[*] ? (@.name == $host)', jsonb_build_object('host', %(host)s::text))
) ORDER BY t.id LIMIT %(most)s
"""
FACETS = """
SELECT 'site', site, '', count(*) FROM automation_host GROUP BY site
UNION ALL
SELECT 'label', label.key, label.value, count(*) FROM automation_host, jsonb_each_text(labels) AS label
GROUP BY label.key, label.value
ORDER BY 1, 2, 3
"""


def get_host(name: str) -> Host:
    """This host, with `limits` (automation.hosts.audience). Raises NoSuchHost."""
    host = with_limits(Host.objects.filter(name=name)).first()
    if host is None:
        raise NoSuchHost
    return host


def matching(filters: dict[str, Any], *, user: User, operates: bool) -> QuerySet[Host]:
    """The hosts that match the filters, ordered by name.

    q: part of a name, for operators also of an address or a minion id. group, site, connection, check. label: `key` or
    `key=value`. names: exactly these. disabled: true or false. targetable: only hosts that this user's tickets may
    target.
    """
    wanted = Q()
    if part := filters.get("q"):
        by_reach = Q(address__icontains=part) | Q(minion__icontains=part)  # only operators may see these columns
        wanted &= Q(name__icontains=part) | (by_reach if operates else Q())
    if label := filters.get("label"):
        key, has_value, value = label.partition("=")
        wanted &= Q(labels__contains={key: value}) if has_value else Q(labels__has_key=key)
    for name in ("site", "connection"):
        if filters.get(name) is not None:
            wanted &= Q(**{name: filters[name]})
    if (check := filters.get("check")) is not None:
        wanted &= Q(check_result="" if check == "never" else check)
    if group := filters.get("group"):
        wanted &= Q(groups__contains=[group])
    if filters.get("names") is not None:
        wanted &= Q(name__in=filters["names"])
    if filters.get("disabled") is not None:
        wanted &= Q(is_active=not filters["disabled"])
    if filters.get("targetable"):
        wanted &= Q(is_active=True) & ~Q(groups__overlap=sorted(closed_to(user)))
    return Host.objects.filter(wanted).order_by("name")


def totals(hosts: QuerySet[Host]) -> dict[str, int]:
    """Counts of these hosts, in all and by state; one query."""
    return hosts.order_by().aggregate(
        total=Count("pk"),
        disabled=Count("pk", filter=Q(is_active=False)),
        unreachable=Count("pk", filter=Q(is_active=True, check_result=Host.Check.UNREACHABLE)),
        never_checked=Count("pk", filter=Q(is_active=True, check_result=Host.Check.NEVER)),
        by_salt=Count("pk", filter=~Q(minion="")),
        local=Count("pk", filter=Q(connection=Connection.LOCAL)),
    )


def facets() -> dict[str, Any]:
    """The values for filters: sites, and labels with their values, each with the number of its hosts."""
    with connection.cursor() as cursor:
        cursor.execute(FACETS)
        rows = cursor.fetchall()
    labels: dict[str, list[dict[str, Any]]] = {}
    for kind, key, value, count in rows:
        if kind == "label":
            labels.setdefault(key, []).append({"value": value, "hosts": count})
    return {
        "sites": [{"site": key, "hosts": count} for kind, key, _value, count in rows if kind == "site"],
        "labels": [{"key": key, "values": values[:MOST_NAMED]} for key, values in labels.items()],
    }


def impact(host: Host, user: User, at: datetime) -> dict[str, Any]:
    """What still uses this host: open tickets whose plans contain it (sub-tickets included), and unfinished jobs.

    Their plans contain the host's connection data, so they continue without its row (I15). For a ticket that this user
    may not see, the title is null (I23).
    """
    with connection.cursor() as cursor:
        cursor.execute(NAMED, {"open": OPEN_TICKETS, "host": host.name, "most": MOST_NAMED + 1})
        tickets = [dict(zip(("number", "title", "state"), row, strict=True)) for row in cursor.fetchall()]
    seen = seen_among(user, [ticket["number"] for ticket in tickets], at)
    tickets = [ticket if ticket["number"] in seen else {**ticket, "title": None} for ticket in tickets]
    jobs = Job.objects.filter(hosts__name=host.name, state__in=UNENDED).order_by("pk")
    return {
        "tickets": tickets[:MOST_NAMED],
        "has_more": len(tickets) > MOST_NAMED,
        "jobs": [
            {"id": pk, "state": state, "ticket": number}
            for pk, state, number in jobs.values_list("pk", "state", "ticket__number")[:MOST_NAMED]
        ],
    }
