"""The month's tickets, one by one."""

from collections.abc import Generator
from contextlib import closing
from datetime import datetime
from typing import NamedTuple

from reports.month import Month
from reports.queries import statements
from reports.queries.run import fetch, json_text, stream
from templates_engine.text import Text


class VersionName(NamedTuple):
    """The number and the name of a template version."""

    number: int
    name: Text


class TicketRow(NamedTuple):
    """One ticket submitted in the month. Times are naive, in the company's time zone; hours: from submission to end.

    handlers: the names of those who decided, in the order of their first decisions; a proxy's with the principal's.
    """

    number: str
    title: str
    template_version_id: int
    applicant: str
    department: str | None
    priority: str
    state: str
    created_at: datetime
    submitted_at: datetime
    finished_at: datetime | None
    hours: float | None
    rating: int | None
    rating_comment: str
    handlers: list[str] | None


def version_names(month: Month) -> dict[int, VersionName]:
    """The template versions of the month's tickets, by id."""
    return {pk: VersionName(number, json_text(name)) for pk, number, name in fetch(statements.VERSIONS, month)}


def ticket_rows(month: Month) -> Generator[TicketRow, None, None]:
    """Stream the tickets in order of submission. Needs an open transaction; close the generator before its end."""
    with closing(stream(statements.TICKETS, month)) as rows:
        for row in rows:
            yield TicketRow._make(row)
