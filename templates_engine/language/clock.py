"""Times and dates in expressions: parts of a time in the company's zone, or in a given one.

The CEL engine itself uses UTC by default and reads named zones from the system's files. Here zones are Python's, which
are installed with the product.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.timezone import get_default_timezone

from templates_engine.fields.moment import local, midnight, read_datetime

_OFFSET = re.compile(r"([+-]?)([0-9]{1,2}):([0-9]{2})")

# Numbering of CEL: months, days of the month and of the year count from 0, Sunday is 0, getDate counts from 1.
PARTS: dict[str, Callable[[datetime], int]] = {
    "getFullYear": lambda at: at.year,
    "getMonth": lambda at: at.month - 1,
    "getDate": lambda at: at.day,
    "getDayOfMonth": lambda at: at.day - 1,
    "getDayOfWeek": lambda at: at.isoweekday() % 7,
    "getDayOfYear": lambda at: at.timetuple().tm_yday - 1,
    "getHours": lambda at: at.hour,
    "getMinutes": lambda at: at.minute,
    "getSeconds": lambda at: at.second,
    "getMilliseconds": lambda at: at.microsecond // 1000,
}
OF_DURATIONS = ("getHours", "getMinutes", "getSeconds", "getMilliseconds")


def zone(name: str) -> tzinfo:
    """A zone by its name, `Asia/Shanghai`, or an offset, `+08:00`. Raises ValueError."""
    offset = _OFFSET.fullmatch(name)
    try:
        if offset is None:
            return ZoneInfo(name)
        shift = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return timezone(-shift if offset[1] == "-" else shift)
    except (ValueError, OSError, KeyError) as error:
        raise ValueError(f"there is no time zone {name[:60]}") from error


def part(name: str) -> Callable[..., int]:
    """A function (time, zone's name or None) → this part of the time."""
    of = PARTS[name]
    return lambda at, where=None: of(at.astimezone(zone(where) if where is not None else get_default_timezone()))


def part_of_day(name: str) -> Callable[..., int]:
    """A function (start of a day, any zone's name) → this part of the day; time zones do not shift a date."""
    of = PARTS[name]
    return lambda at, _where=None: of(at.astimezone(get_default_timezone()))


def part_of_duration(name: str) -> Callable[[timedelta], int]:
    """A function duration → its whole hours, minutes or seconds; for milliseconds, those beyond the seconds."""
    if name == "getMilliseconds":
        return lambda span: int(span / timedelta(milliseconds=1)) % 1000
    unit = {"getHours": 3600, "getMinutes": 60, "getSeconds": 1}[name]
    return lambda span: int(span.total_seconds() / unit)


def moment(text: str) -> datetime:
    """The time of a text in a table's row, a date or a time. Raises ValueError."""
    return midnight(text) if len(text) == len("2026-11-30") else read_datetime(text).astimezone(UTC)


def moments(texts: list[str]) -> list[datetime]:
    """The times of these texts. Raises ValueError."""
    return [moment(text) for text in texts]


def day(of: Any) -> datetime:
    """The start of a day: of a date such as 2026-11-30, or of a time's company date. Raises ValueError."""
    if isinstance(of, datetime):
        here = local(of)
        if here is None:
            raise ValueError("outside of the calendar")
        return midnight(here.date().isoformat())
    return midnight(of)


def between(later: datetime, earlier: datetime) -> timedelta:
    """The time between two dates: whole days of 24 hours, also across a change of the clocks."""
    return _date(later) - _date(earlier)


def day_text(at: datetime) -> str:
    """2026-11-30."""
    return _date(at).isoformat()


def moment_text(at: datetime) -> str:
    """The time as text in the company's zone: 2026-11-30 14:02."""
    return f"{at.astimezone(get_default_timezone()):%Y-%m-%d %H:%M}"


def _date(at: datetime) -> date:
    return at.astimezone(get_default_timezone()).date()
