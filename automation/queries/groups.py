"""Queries of host groups."""

from django.db import connection

from automation.models import HostGroup

MEMBERS = """
SELECT member, count(*), count(*) FILTER (WHERE NOT is_active)
FROM automation_host, unnest(groups) AS member WHERE %(name)s::text IS NULL OR member = %(name)s GROUP BY member
"""


def groups(name: str | None = None) -> list[tuple[HostGroup, int, int]]:
    """All groups by name, or this one, each with the number of its hosts and of its disabled hosts."""
    with connection.cursor() as cursor:
        cursor.execute(MEMBERS, {"name": name})
        counts = {member: (hosts, disabled) for member, hosts, disabled in cursor.fetchall()}
    found = HostGroup.objects.order_by("name") if name is None else HostGroup.objects.filter(name=name)
    return [(group, *counts.get(group.name, (0, 0))) for group in found]
