"""A calendar month in the company's time zone."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from reports.errors import BadMonth

FORM = re.compile(r"(2\d{3})-(0[1-9]|1[0-2])", re.ASCII)


def company_zone() -> ZoneInfo:
    """BATON_TIME_ZONE; days and months begin in this zone."""
    return ZoneInfo(settings.TIME_ZONE)


@dataclass(frozen=True, order=True)
class Month:
    """A month: the moments in [start, end). Its text form is 2026-11."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        """The month that `2026-11` names. Raises BadMonth."""
        found = FORM.fullmatch(text)
        if found is None:
            raise BadMonth
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, at: datetime) -> "Month":
        """The month that contains this moment."""
        local = at.astimezone(company_zone())
        return cls(local.year, local.month)

    @property
    def previous(self) -> "Month":
        """The month before."""
        day = self.first - timedelta(days=1)
        return Month(day.year, day.month)

    @property
    def first(self) -> date:
        """The month's first day."""
        return date(self.year, self.month, 1)

    @property
    def after(self) -> date:
        """The first day after the month."""
        return (self.first + timedelta(days=31)).replace(day=1)

    @property
    def days(self) -> list[date]:
        """The days of the month, in order."""
        return [self.first + timedelta(days=n) for n in range((self.after - self.first).days)]

    @property
    def start(self) -> datetime:
        """The month's first moment."""
        return datetime.combine(self.first, time(), company_zone())

    @property
    def end(self) -> datetime:
        """The first moment after the month."""
        return datetime.combine(self.after, time(), company_zone())

    @property
    def file_name(self) -> str:
        """The file name of this month's workbook."""
        return f"baton-{self}.xlsx"

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"
