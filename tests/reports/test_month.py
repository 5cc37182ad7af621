"""Months begin and end in the company's time zone."""

from datetime import UTC, date, datetime

import pytest

from reports.errors import BadMonth
from reports.month import Month


def test_a_month_is_what_lies_between_two_midnights_in_shanghai():
    month = Month.parse("2026-11")
    assert month.start == datetime(2026, 10, 31, 16, tzinfo=UTC)
    assert month.end == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert (month.days[0], month.days[-1], len(month.days)) == (date(2026, 11, 1), date(2026, 11, 30), 30)


def test_the_company_zone_decides_which_days_a_month_has(settings):
    settings.TIME_ZONE = "America/New_York"
    month = Month.parse("2026-11")  # the clocks go back on the first: the month is an hour longer
    assert (month.end.astimezone(UTC) - month.start.astimezone(UTC)).total_seconds() == 30 * 86400 + 3600
    assert len(month.days) == 30


def test_december_and_february_have_their_neighbours():
    assert Month.parse("2026-12").after == date(2027, 1, 1)
    assert str(Month.parse("2027-01").previous) == "2026-12"
    assert len(Month.parse("2028-02").days) == 29
    assert Month.parse("2999-12").after == date(3000, 1, 1)


def test_a_moment_belongs_to_the_local_month():
    assert str(Month.of(datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC))) == "2026-10"
    assert str(Month.of(datetime(2026, 10, 31, 16, 0, 0, tzinfo=UTC))) == "2026-11"


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-13", "2026-00", "2026-1", "26-11", "2026-11-01", "2026/11", " 2026-11", "2026-11\n",
     "２０２６-11", "2026-1१", "-2026-11", "1999-12", "9999-12", "2026-11'; --", "2026-11\x00"],
)  # fmt: skip
def test_anything_else_is_refused(text):
    with pytest.raises(BadMonth) as caught:
        Month.parse(text)
    assert caught.value.status == 422
    assert "2026-11" in caught.value.detail
