"""Times and days as expressions see them: parts of a moment by the company's clock, or by a named zone's.

The engine itself reads UTC where nothing is said, and named zones from the system's files. Here zones are Python's,
which come with the product.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.timezone import get_default_timezone

from templates_engine.fields.moment import local, midnight, read_datetime

_OFFSET = re.compile(r"([+-]?)([0-9]{1,2}):([0-9]{2})")

# As CEL counts them: months, days of the month and of the year from 0, Sunday is 0; getDate from 1.
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
    """(moment, zone's name or none) → this part of it."""
    of = PARTS[name]
    return lambda at, where=None: of(at.astimezone(zone(where) if where is not None else get_default_timezone()))


def part_of_day(name: str) -> Callable[..., int]:
    """(beginning of a day, any zone's name) → this part of the day: no zone moves a date."""
    of = PARTS[name]
    return lambda at, _where=None: of(at.astimezone(get_default_timezone()))


def part_of_duration(name: str) -> Callable[[timedelta], int]:
    """duration → how many whole hours, minutes or seconds it is; of milliseconds, those beyond the seconds."""
    if name == "getMilliseconds":
        return lambda span: int(span / timedelta(milliseconds=1)) % 1000
    unit = {"getHours": 3600, "getMinutes": 60, "getSeconds": 1}[name]
    return lambda span: int(span.total_seconds() / unit)


def moment(text: str) -> datetime:
    """A day or a moment that a table's row holds as text. Raises ValueError."""
    return midnight(text) if len(text) == len("2026-11-30") else read_datetime(text).astimezone(UTC)


def moments(texts: list[str]) -> list[datetime]:
    """All of them."""
    return [moment(text) for text in texts]


def day(of: Any) -> datetime:
    """The beginning of a day: of a text such as 2026-11-30, or of the company's day at a moment. Raises ValueError."""
    if isinstance(of, datetime):
        here = local(of)
        if here is None:
            raise ValueError("outside of the calendar")
        return midnight(here.date().isoformat())
    return midnight(of)


def between(later: datetime, earlier: datetime) -> timedelta:
    """From one day to another: whole days of 24 hours, whatever clocks did in between."""
    return _date(later) - _date(earlier)


def day_text(at: datetime) -> str:
    """2026-11-30."""
    return _date(at).isoformat()


def moment_text(at: datetime) -> str:
    """2026-11-30 14:02, by the company's clock."""
    return f"{at.astimezone(get_default_timezone()):%Y-%m-%d %H:%M}"


def _date(at: datetime) -> date:
    return at.astimezone(get_default_timezone()).date()
