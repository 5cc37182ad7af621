"""Writes a month's workbook."""

import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection
from django.utils import translation

from accounts.models import User
from reports.errors import ReportRunning
from reports.month import Month
from reports.queries.summary import summary
from reports.queries.tickets import ticket_rows, version_names
from reports.snapshot import snapshot
from reports.whole_file import whole_file

LOCK = 0x7265706F  # "repo": the first key of the advisory lock; the second is the user's id


def write_monthly(file: IO[bytes], month: Month, at: datetime, *, user: User | None = None) -> None:
    """Write the workbook of this month in the active language, from one snapshot of the database.

    file: open for writing and seeking. Memory does not grow with the number of tickets.
    user: who asked for it; None for the scheduled one. Each user, and the schedule, may write one workbook at a time:
    raises ReportRunning (A47).
    """
    from reports.workbook.build import MonthlyWorkbook  # openpyxl is large, and only needed here

    with MonthlyWorkbook(month, at) as book:
        with snapshot():
            _claim(user)
            with closing(ticket_rows(month)) as tickets:
                book.write(summary(month), tickets, version_names(month))
        book.save(file)


def export_monthly(month: Month, at: datetime, *, user: User) -> IO[bytes]:
    """The finished workbook as an unnamed temporary file, at position 0; closing it deletes it."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    try:
        write_monthly(file, month, at, user=user)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def keep_last_month(at: datetime) -> Path:
    """The path of the workbook of the month before `at`, in BATON_HOME/reports; written if it does not exist."""
    month = Month.of(at).previous
    path: Path = settings.HOME / "reports" / month.file_name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with translation.override(settings.LANGUAGE_CODE), whole_file(path) as file:
            write_monthly(file, month, at)
    return path


def _claim(user: User | None) -> None:
    with connection.cursor() as cursor:
        key = user.pk if user else 0
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, (%s %% 2147483647)::int)", [LOCK, key])
        [(is_mine,)] = cursor.fetchall()
    if not is_mine:
        raise ReportRunning
