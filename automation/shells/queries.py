"""Search shell lines, for people who may read the record of runs (I23)."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet
from psycopg.errors import QueryCanceled

from automation.errors import SearchTooWide
from automation.models import ShellAlarm
from automation.models.shell import ShellHost, ShellLine

SEARCH_MS = 5000
Place = tuple[datetime, int]


def matching(
    *, host: str | None = None, user: str | None = None, session: str | None = None, text: str | None = None,
    begins: datetime | None = None, ends: datetime | None = None,
) -> QuerySet[ShellLine]:  # fmt: skip
    """The lines that match, newest first by the host's clock.

    host, user, session: exact values. text: anywhere in the line, ignoring case. begins, ends: typed in
    [begins, ends).
    """
    rows = ShellLine.objects.select_related("shell_host").order_by("-at", "-pk")
    if host:  # a host has few enrolments: their ids make the index usable
        rows = rows.filter(shell_host__in=list(ShellHost.objects.filter(name=host).values_list("pk", flat=True)))
    wanted = {"user": user, "session": session, "command__icontains": text, "at__gte": begins, "at__lt": ends}
    return rows.filter(**{name: value for name, value in wanted.items() if value})


def after(rows: QuerySet[ShellLine], place: Place) -> QuerySet[ShellLine]:
    """The lines older than this place."""
    at, pk = place
    return rows.filter(Q(at__lte=at)).filter(Q(at__lt=at) | Q(pk__lt=pk))


@contextmanager
def bounded() -> Iterator[None]:
    """Limit the database time of the statements inside this block. Raises SearchTooWide (A47)."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {SEARCH_MS}")
            yield
            with connection.cursor() as cursor:  # also if the request runs in a transaction of its own
                cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise SearchTooWide from error
        raise


def shown(lines: Iterable[ShellLine]) -> list[dict[str, Any]]:
    """Each line as the API and the files show it, with the alarm that it raised; one more statement."""
    found = list(lines)
    raised = ShellAlarm.objects.select_related("ticket").filter(
        shell_host__in={line.shell_host_id for line in found}, seq__in={line.seq for line in found}
    )
    alarms = {(alarm.shell_host_id, alarm.seq): alarm for alarm in raised}
    return [_shown(line, alarms.get((line.shell_host_id, line.seq))) for line in found]


def _shown(line: ShellLine, alarm: ShellAlarm | None) -> dict[str, Any]:
    names = ("at", "received_at", "user", "session", "tty", "source", "cwd", "command", "is_cut")
    return {
        "id": line.pk,
        "host": line.shell_host.name,
        **{name: getattr(line, name) for name in names},
        "alarm": alarm and {"id": alarm.pk, "pattern": alarm.pattern, "ticket": alarm.ticket and alarm.ticket.number},
    }


def hosts() -> list[dict[str, Any]]:
    """Every collector, present or removed; present ones first, by name."""
    names = ("id", "name", "enrolled_at", "enrolled_by", "removed_at", "last_at", "lost")
    rows = ShellHost.objects.select_related("enrolled_job").order_by("name", "-pk")
    found = [
        {
            **{name: getattr(row, name) for name in names},
            "job": row.enrolled_job_id,
        }
        for row in rows
    ]
    return sorted(found, key=lambda row: row["removed_at"] is not None)
