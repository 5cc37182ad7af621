"""Dates and times."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from babel.dates import format_date
from cel_expr_python import cel
from django.utils import timezone
from django.utils.translation import ngettext

from templates_engine.fields.base import FieldType
from templates_engine.fields.names import Names
from templates_engine.findings import Finding
from templates_engine.shapes import Schema
from templates_engine.text import locale

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


def midnight(value: str) -> datetime:
    """When this day begins in the company's time zone, in UTC."""
    day = read_date(value)
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone()).astimezone(UTC)


def local(moment: datetime) -> datetime | None:
    """A moment by the company's clock; None at the ends of the calendar, where that is a day that does not exist."""
    try:
        return moment.astimezone(timezone.get_default_timezone())
    except OverflowError:
        return None


def day_of(moment: Any) -> Any:
    """The company's day at a moment, also at one that a table's row told as text; anything else as it is."""
    if isinstance(moment, str):
        try:
            moment = read_datetime(moment)
        except ValueError:
            return moment
    here = local(moment) if isinstance(moment, datetime) else None
    return here.date().isoformat() if here else moment


def words(moment: datetime) -> str:
    """A moment as CEL's timestamp() reads it."""
    return moment.isoformat().replace("+00:00", "Z")


def day_in_words(day: date) -> str:
    """A day in the active language: 2026年11月30日, Nov 30, 2026."""
    return format_date(day, "medium", locale())


def moment_in_words(moment: datetime) -> str:
    """A moment by the company's clock, in the active language: 2026年11月30日 14:02."""
    here = local(moment)
    return f"{day_in_words(here.date())} {here:%H:%M}" if here else moment.isoformat()


class DateField(FieldType):
    """A day. In expressions a timestamp, the moment it begins in the company's time zone; no zone moves it."""

    name = "date"

    def value_schema(self, field: dict[str, Any]) -> Schema:  # noqa: ARG002
        """YYYY-MM-DD."""
        return {"type": "string", "format": "date"}

    def cel_type(self, field: dict[str, Any]) -> cel.Type:  # noqa: ARG002
        """timestamp."""
        return cel.Type.TIMESTAMP

    def cel_value(self, field: dict[str, Any], value: Any) -> datetime:  # noqa: ARG002
        """Midnight of that day."""
        return midnight(value)

    def cell_value(self, field: dict[str, Any], value: Any) -> str:  # noqa: ARG002
        """The day as text; it becomes a time where one is needed."""
        return str(value)

    def from_cel(self, field: dict[str, Any], value: Any) -> Any:  # noqa: ARG002
        """The company's day at a moment."""
        return day_of(value)

    def in_words(self, field: dict[str, Any], value: Any, names: Names) -> str:  # noqa: ARG002
        """The day."""
        return day_in_words(read_date(value))


class DateTimeField(DateField):
    """A moment, with its zone. In expressions a timestamp."""

    name = "datetime"

    def value_schema(self, field: dict[str, Any]) -> Schema:  # noqa: ARG002
        """ISO 8601 with offset."""
        return {"type": "string", "format": "date-time"}

    def cel_value(self, field: dict[str, Any], value: Any) -> datetime:  # noqa: ARG002
        """The moment, in UTC."""
        return read_datetime(value).astimezone(UTC)

    def cell_value(self, field: dict[str, Any], value: Any) -> str:
        """The moment in UTC, as text."""
        return words(self.cel_value(field, value))

    def from_cel(self, field: dict[str, Any], value: Any) -> Any:  # noqa: ARG002
        """The moment, with the company's offset."""
        here = local(value) if isinstance(value, datetime) else None
        return here.isoformat() if here else value

    def in_words(self, field: dict[str, Any], value: Any, names: Names) -> str:  # noqa: ARG002
        """The moment by the company's clock."""
        return moment_in_words(read_datetime(value))


class DateRange(FieldType):
    """A first and a last day, kept as {start, end}. In expressions a map: form.x.start and form.x.end are days.

    `max_days` counts both ends: a single day is 1. The last day's timestamp is its beginning, as everywhere.
    """

    name = "daterange"
    limits = {"max_days": {"type": "integer", "minimum": 1, "maximum": 36_525}}
    parts = ("start", "end")

    def value_schema(self, field: dict[str, Any]) -> Schema:  # noqa: ARG002
        """Both days."""
        day: Schema = {"type": "string", "format": "date"}
        return {
            "type": "object",
            "properties": dict.fromkeys(self.parts, day),
            "required": list(self.parts),
            "additionalProperties": False,
        }

    def problems(self, field: dict[str, Any], value: Any, path: str) -> Iterator[Finding]:
        """An end before the start, or too many days."""
        days = (read_date(value["end"]) - read_date(value["start"])).days + 1
        if days < 1:
            yield Finding("ends_before_start", f"{path}.end")
        elif days > field.get("max_days", days):
            yield Finding("too_many_days", f"{path}.end", {"limit": field["max_days"]})

    def stored(self, field: dict[str, Any], value: Any) -> Any:  # noqa: ARG002
        """Start first."""
        return {part: value[part] for part in self.parts}

    def cel_type(self, field: dict[str, Any]) -> cel.Type:  # noqa: ARG002
        """map(string, timestamp)."""
        return cel.Type.Map(cel.Type.STRING, cel.Type.TIMESTAMP)

    def cel_value(self, field: dict[str, Any], value: Any) -> dict[str, datetime]:  # noqa: ARG002
        """Midnights."""
        return {part: midnight(value[part]) for part in self.parts}

    def cell_value(self, field: dict[str, Any], value: Any) -> dict[str, str]:  # noqa: ARG002
        """Both days, as texts."""
        return {part: str(value[part]) for part in self.parts}

    def from_cel(self, field: dict[str, Any], value: Any) -> Any:  # noqa: ARG002
        """The company's days at two moments."""
        if not isinstance(value, dict):
            return value
        return {part: day_of(at) for part, at in value.items()}

    def in_words(self, field: dict[str, Any], value: Any, names: Names) -> str:  # noqa: ARG002
        """Both days, and how many that makes."""
        start, end = read_date(value["start"]), read_date(value["end"])
        count = (end - start).days + 1
        days = ngettext("%(count)s day", "%(count)s days", count) % {"count": count}
        return f"{day_in_words(start)} – {day_in_words(end)} ({days})"
