#!/usr/bin/env bash
# Five Python libraries turn the same day into two different days of the Chinese calendar. A lunar month that begins near
# midnight begins a day earlier or later, and every day in it moves along: lunardate 0.3.0 in 1933, 1954, 1978 and 2057,
# zhdate 0.1 in 2057, borax 4.1.3 and LunarCalendar 0.0.9 in 2089 and 2097, all against lunar_python 1.4.8. So
# Mid-Autumn (15th of the 8th month) of 1978 and of 2089, and the Double Ninth of 2057, depend on the library; in
# July 1933 a day is the last of a leap month or the first of the next one. On every other day from March 1901 to the end
# of 2099 the five agreed (run once; this script looks at the six years).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "lunar_python==1.4.8" "lunardate==0.3.0" "zhdate==0.1" "borax==4.1.3" "LunarCalendar==0.0.9"
"$folder/venv/bin/python" - <<'PY'
from datetime import date, datetime, timedelta

import lunarcalendar
from borax.calendars.lunardate import LunarDate as Borax
from lunar_python import Solar
from lunardate import LunarDate
from zhdate import ZhDate


def lunar_python(day: date) -> tuple:
    found = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    return found.getYear(), abs(found.getMonth()), found.getDay(), found.getMonth() < 0


def lunardate(day: date) -> tuple:
    found = LunarDate.from_solar_date(day.year, day.month, day.day)
    return found.year, found.month, found.day, bool(found.is_leap_month)


def zhdate(day: date) -> tuple:
    found = ZhDate.from_datetime(datetime(day.year, day.month, day.day))
    return found.lunar_year, found.lunar_month, found.lunar_day, bool(found.leap_month)


def borax(day: date) -> tuple:
    found = Borax.from_solar_date(day.year, day.month, day.day)
    return found.year, found.month, found.day, bool(found.leap)


def lunar_calendar(day: date) -> tuple:
    found = lunarcalendar.Converter.Solar2Lunar(lunarcalendar.Solar(day.year, day.month, day.day))
    return found.year, found.month, found.day, bool(found.isleap)


EXPECTED = {
    (1933, "lunardate"): ("07-22", 30), (1954, "lunardate"): ("11-25", 30), (1978, "lunardate"): ("09-02", 30),
    (2057, "lunardate"): ("09-28", 30), (2057, "zhdate"): ("09-28", 30),
    (2089, "borax"): ("09-04", 30), (2089, "lunar_calendar"): ("09-04", 30),
    (2097, "borax"): ("08-07", 30), (2097, "lunar_calendar"): ("08-07", 30),
}
found = {}
for year in sorted({year for year, _library in EXPECTED}):
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    for library in (lunardate, zhdate, borax, lunar_calendar):
        other = [day for day in days if library(day) != lunar_python(day)]
        if other:
            found[year, library.__name__] = (f"{other[0]:%m-%d}", len(other))
            print(f"{other[0]}: lunar_python {lunar_python(other[0])}, {library.__name__} {library(other[0])}; "
                  f"{len(other)} days differ in {year}")
assert found == EXPECTED, f"changed: {found}"
print("2089-09-18 is Mid-Autumn:", {one.__name__: one(date(2089, 9, 18))[1:3] == (8, 15) for one in (lunar_python, borax)})
assert lunar_python(date(2089, 9, 18))[1:3] == (8, 15) != borax(date(2089, 9, 18))[1:3]
PY
