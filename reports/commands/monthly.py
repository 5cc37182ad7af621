"""Write a month's workbook."""

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
from reports.workbook.build import MonthlyWorkbook

LOCK = 0x7265706F  # "repo": the first half of the advisory lock, the second is the person


def write_monthly(file: IO[bytes], month: Month, at: datetime, *, user: User | None = None) -> None:
    """The workbook of this month, in the active language; everything in it was true at one moment.

    file: open for writing and seeking. Memory does not grow with the number of tickets.
    user: who asked, if a person did; one workbook at a time for each, and one that nobody asked for: raises
    ReportRunning (A47).
    """
    with MonthlyWorkbook(month, at) as book:
        with snapshot():
            _claim(user)
            with closing(ticket_rows(month)) as tickets:
                book.write(summary(month), tickets, version_names(month))
        book.save(file)


def export_monthly(month: Month, at: datetime, *, user: User) -> IO[bytes]:
    """The finished workbook as a nameless temporary file at its beginning; it is gone when closed."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    try:
        write_monthly(file, month, at, user=user)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def keep_last_month(at: datetime) -> Path:
    """The workbook of the month before `at` in BATON_HOME/reports, written unless it is there already."""
    month = Month.of(at).previous
    path: Path = settings.HOME / "reports" / file_name(month)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with translation.override(settings.LANGUAGE_CODE), whole_file(path) as file:
            write_monthly(file, month, at)
    return path


def file_name(month: Month) -> str:
    """What the workbook of this month is called."""
    return f"baton-{month}.xlsx"


def _claim(user: User | None) -> None:
    with connection.cursor() as cursor:
        key = user.pk if user else 0
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, (%s %% 2147483647)::int)", [LOCK, key])
        [(is_mine,)] = cursor.fetchall()
    if not is_mine:
        raise ReportRunning
