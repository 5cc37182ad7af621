"""Store a batch: each line once, even if it is sent again, and count the lines that never arrived."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from automation.models.shell import ShellHost
from automation.shells.batch import Batch, Line

COLUMNS = {
    "seq": "bigint", "at": "timestamptz", "user": "text", "session": "text", "tty": "text", "source": "text",
    "cwd": "text", "command": "text", "is_cut": "boolean",
}  # fmt: skip
_NAMES = ", ".join(f'"{name}"' for name in COLUMNS)
_ARRAYS = ", ".join(f"%({name})s::{kind}[]" for name, kind in COLUMNS.items())
INSERT = f"""
WITH kept AS (
    INSERT INTO automation_shellline (shell_host_id, received_at, {_NAMES})
    SELECT %(host)s, %(received_at)s, {_NAMES} FROM unnest({_ARRAYS}) AS line ({_NAMES}) ORDER BY seq
    ON CONFLICT DO NOTHING RETURNING id)
SELECT count(*), coalesce(max(id), 0) FROM kept
"""  # noqa: S608 (constants only)


@transaction.atomic
def keep(host_id: int, batch: Batch, received_at: datetime) -> tuple[ShellHost, int] | None:
    """The updated enrolment, and the number of new lines; None if it has ended meanwhile.

    Locks the enrolment's row, so the ids of its lines rise in commit order. A batch for another enrolment stores
    nothing: its numbers do not apply here (a replayed old batch has no effect); the answer names the valid one.
    """
    host = ShellHost.objects.select_for_update().filter(pk=host_id, removed_at__isnull=True).first()
    if host is None:
        return None
    if batch.enrolment != host.pk:
        return host, 0
    fresh = batch.lines if host.lost else [line for line in batch.lines if line.seq > host.last_seq]
    count, newest = _insert(host, fresh, received_at) if fresh else (0, 0)
    last = max([host.last_seq, *(line.seq for line in batch.lines)])
    host.lost = max(0, host.lost + last - host.last_seq - count)
    host.last_seq, host.last_at, host.newest = last, received_at, max(host.newest, newest)
    host.save(update_fields=["lost", "last_seq", "last_at", "newest"])
    return host, count


def _insert(host: ShellHost, lines: list[Line], received_at: datetime) -> tuple[int, int]:
    rows = [asdict(line) for line in lines]
    values: dict[str, Any] = {name: [row[name] for row in rows] for name in COLUMNS}
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values | {"host": host.pk, "received_at": received_at})
        count, newest = cursor.fetchone()
    return count, newest
