"""Field types for dates and times, and how they are read and written."""

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
from templates_engine.findings.finding import Finding
from templates_engine.parts import Field
from templates_engine.reading.shapes import Schema
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
    """A time with its zone, from 2000 to 2100. Raises ValueError."""
    found = datetime.fromisoformat(value) if _MOMENT.match(value) else None
    if found is None or not EARLIEST <= found.year <= LATEST:
        raise ValueError(value)
    return found


def midnight(value: str) -> datetime:
    """The start of this day in the company's time zone, as UTC."""
    day = read_date(value)
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone()).astimezone(UTC)


def local(moment: datetime) -> datetime | None:
    """A time in the company's zone; None at the limits of the calendar, where that day does not exist."""
    try:
        return moment.astimezone(timezone.get_default_timezone())
    except OverflowError:
        return None


def day_of(moment: Any) -> Any:
    """The date of a time (also as text in a table's row) in the company's zone; other values unchanged."""
    if isinstance(moment, str):
        try:
            moment = read_datetime(moment)
        except ValueError:
            return moment
    here = local(moment) if isinstance(moment, datetime) else None
    return here.date().isoformat() if here else moment


def words(moment: datetime) -> str:
    """A time as CEL's timestamp() reads it."""
    return moment.isoformat().replace("+00:00", "Z")


def day_in_words(day: date) -> str:
    """A day in the active language: 2026年11月30日, Nov 30, 2026."""
    return format_date(day, "medium", locale())


def moment_in_words(moment: datetime) -> str:
    """A time in the company's zone, in the active language: 2026年11月30日 14:02."""
    here = local(moment)
    return f"{day_in_words(here.date())} {here:%H:%M}" if here else moment.isoformat()


DAY = "DAY"  # a timestamp: the start of a day in the company's zone
DAYS = "DAYS"  # a date range: a first and a last day
# Cells of a row hold dates and times as texts, because CEL accepts no timestamps from outside there.
DAY_TEXT, MOMENT_TEXT, DAYS_TEXT = "DAY TEXT", "MOMENT TEXT", "DAYS TEXT"


class DateField(FieldType):
    """A date. In expressions a timestamp: its start in the company's zone; time zones do not shift a date."""

    name = "date"
    kind, cell_kind = DAY, DAY_TEXT

    def value_schema(self, field: Field) -> Schema:  # noqa: ARG002
        """YYYY-MM-DD."""
        return {"type": "string", "format": "date"}

    def cel_type(self, field: Field) -> cel.Type:  # noqa: ARG002
        """timestamp."""
        return cel.Type.TIMESTAMP

    def cel_value(self, field: Field, value: Any) -> datetime:  # noqa: ARG002
        """The start of that day, in UTC."""
        return midnight(value)

    def cell_value(self, field: Field, value: Any) -> str:  # noqa: ARG002
        """The date as text; it is converted to a time where one is needed."""
        return str(value)

    def from_cel(self, field: Field, value: Any) -> Any:  # noqa: ARG002
        """The date in the company's zone."""
        return day_of(value)

    def in_words(self, field: Field, value: Any, names: Names) -> str:  # noqa: ARG002
        """The date in words."""
        return day_in_words(read_date(value))


class DateTimeField(DateField):
    """A time with its zone. In expressions a timestamp."""

    name = "datetime"
    kind, cell_kind = "", MOMENT_TEXT

    def value_schema(self, field: Field) -> Schema:  # noqa: ARG002
        """ISO 8601 with offset."""
        return {"type": "string", "format": "date-time"}

    def cel_value(self, field: Field, value: Any) -> datetime:  # noqa: ARG002
        """The time, in UTC."""
        return read_datetime(value).astimezone(UTC)

    def cell_value(self, field: Field, value: Any) -> str:
        """The time in UTC, as text."""
        return words(self.cel_value(field, value))

    def from_cel(self, field: Field, value: Any) -> Any:  # noqa: ARG002
        """The time, with the company's offset."""
        here = local(value) if isinstance(value, datetime) else None
        return here.isoformat() if here else value

    def in_words(self, field: Field, value: Any, names: Names) -> str:  # noqa: ARG002
        """The time in the company's zone."""
        return moment_in_words(read_datetime(value))


class DateRange(FieldType):
    """A first and a last day, stored as {start, end}. In expressions a map: form.x.start and form.x.end.

    max_days counts both ends: a single day is 1. Both timestamps are the start of their day.
    """

    name = "daterange"
    kind, cell_kind = DAYS, DAYS_TEXT
    limits = {"max_days": {"type": "integer", "minimum": 1, "maximum": 36_525}}
    words = {"max_days": ("最多天数", "most days")}
    parts = ("start", "end")

    def value_schema(self, field: Field) -> Schema:  # noqa: ARG002
        """Both dates."""
        day: Schema = {"type": "string", "format": "date"}
        return {
            "type": "object",
            "properties": dict.fromkeys(self.parts, day),
            "required": list(self.parts),
            "additionalProperties": False,
        }

    def problems(self, field: Field, value: Any, path: str) -> Iterator[Finding]:
        """Report an end before the start, or too many days."""
        days = (read_date(value["end"]) - read_date(value["start"])).days + 1
        if days < 1:
            yield Finding("ends_before_start", f"{path}.end")
        elif days > field.get("max_days", days):
            yield Finding("too_many_days", f"{path}.end", {"limit": field["max_days"]})

    def stored(self, field: Field, value: Any) -> Any:  # noqa: ARG002
        """The mapping with `start` first."""
        return {part: value[part] for part in self.parts}

    def cel_type(self, field: Field) -> cel.Type:  # noqa: ARG002
        """map(string, timestamp)."""
        return cel.Type.Map(cel.Type.STRING, cel.Type.TIMESTAMP)

    def cel_value(self, field: Field, value: Any) -> dict[str, datetime]:  # noqa: ARG002
        """The start of each day, in UTC."""
        return {part: midnight(value[part]) for part in self.parts}

    def cell_value(self, field: Field, value: Any) -> dict[str, str]:  # noqa: ARG002
        """Both dates as text."""
        return {part: str(value[part]) for part in self.parts}

    def from_cel(self, field: Field, value: Any) -> Any:  # noqa: ARG002
        """The dates of both times in the company's zone."""
        if not isinstance(value, dict):
            return value
        return {part: day_of(at) for part, at in value.items()}

    def in_words(self, field: Field, value: Any, names: Names) -> str:  # noqa: ARG002
        """Both dates, and the number of days."""
        start, end = read_date(value["start"]), read_date(value["end"])
        count = (end - start).days + 1
        days = ngettext("%(count)s day", "%(count)s days", count) % {"count": count}
        return f"{day_in_words(start)} – {day_in_words(end)} ({days})"
