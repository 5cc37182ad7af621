"""Dates and times."""

import re
from datetime import UTC, date, datetime
from typing import Any

from cel_expr_python import cel
from django.utils import timezone

from templates_engine.fields.base import FieldType
from templates_engine.shapes import Schema

EARLIEST, LATEST = 2000, 2100
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})\Z"
)


def read_date(value: str) -> date:
    """A date from 2000 to 2100. Raises ValueError."""
    found = date.fromisoformat(value) if _DATE.match(value) else None
    if found is None or not EARLIEST <= found.year <= LATEST:
        raise ValueError(value)
    return found


def read_datetime(value: str) -> datetime:
    """A moment with its zone from 2000 to 2100. Raises ValueError."""
    found = datetime.fromisoformat(value) if _MOMENT.match(value) else None
    if found is None or not EARLIEST <= found.year <= LATEST:
        raise ValueError(value)
    return found


class DateField(FieldType):
    """A day; in expressions the moment it begins in the company's time zone."""

    name = "date"

    def value_schema(self, field: dict[str, Any]) -> Schema:  # noqa: ARG002
        """YYYY-MM-DD."""
        return {"type": "string", "format": "baton-date"}

    def cel_type(self, field: dict[str, Any]) -> cel.Type:  # noqa: ARG002
        """timestamp."""
        return cel.Type.TIMESTAMP

    def cel_value(self, value: Any) -> datetime:
        """Midnight of that day."""
        day = read_date(value)
        local = datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone())
        return local.astimezone(UTC)


class DateTimeField(FieldType):
    """A moment, with its zone."""

    name = "datetime"

    def value_schema(self, field: dict[str, Any]) -> Schema:  # noqa: ARG002
        """ISO 8601 with offset."""
        return {"type": "string", "format": "baton-datetime"}

    def cel_type(self, field: dict[str, Any]) -> cel.Type:  # noqa: ARG002
        """timestamp."""
        return cel.Type.TIMESTAMP

    def cel_value(self, value: Any) -> datetime:
        """The moment, in UTC."""
        return read_datetime(value).astimezone(UTC)
