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
    """A template version as a reader knows it."""

    number: int
    name: Text


class TicketRow(NamedTuple):
    """One ticket submitted in the month. Times are naive, in the company's zone; hours from submit to end.

    handlers: who decided, in the order of their first decisions; of a proxy also for whom.
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
    """The template versions that the month's tickets run on, by id."""
    return {pk: VersionName(number, json_text(name)) for pk, number, name in fetch(statements.VERSIONS, month)}


def ticket_rows(month: Month) -> Generator[TicketRow, None, None]:
    """In the order they were submitted; streamed. Needs an open transaction; close it before that ends."""
    with closing(stream(statements.TICKETS, month)) as rows:
        for row in rows:
            yield TicketRow._make(row)
