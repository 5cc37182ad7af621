"""Runs one of the month's SQL statements."""

from collections.abc import Generator
from typing import Any

import orjson
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from reports.month import Month
from templates_engine.text import Text

CHUNK = 2000


def _parameters(month: Month) -> dict[str, Any]:
    """The statements' parameters. proxied: a pattern for format() of PostgreSQL, in the active language."""
    proxied = _("%(agent)s for %(principal)s") % {"agent": "%1$s", "principal": "%2$s"}
    return {"start": month.start, "end": month.end, "zone": settings.TIME_ZONE, "proxied": proxied}


def fetch(statement: str, month: Month) -> list[tuple[Any, ...]]:
    """All rows of an aggregate statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, _parameters(month))
        return cursor.fetchall()


def stream(statement: str, month: Month) -> Generator[tuple[Any, ...], None, None]:
    """The rows, read with a server-side cursor, at most CHUNK of them in memory. Needs an open transaction."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, _parameters(month))
        while chunk := cursor.fetchmany(CHUNK):
            yield from chunk


def json_text(raw: str | None) -> Text:
    """A localized text from a raw statement. raw: JSON text, or None if the document has no such text."""
    return orjson.loads(raw or '""') or ""
