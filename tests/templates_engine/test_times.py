"""Dates and times in expressions: a date is a date, and parts of a time use the company's time zone."""

import zoneinfo
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from templates_engine.forms.values import check_form
from templates_engine.language.expressions import Expressions, Facts
from templates_engine.text import localize

ROW_COLUMNS = [
    {"key": "day", "type": "date", "label": "D", "required": True},
    {"key": "at", "type": "datetime", "label": "A", "required": True},
    {"key": "away", "type": "daterange", "label": "R", "required": True},
    {"key": "until", "type": "date", "label": "U"},
]
FORM: list[Any] = [
    {"key": "day", "type": "date", "label": "D", "required": True},
    {"key": "at", "type": "datetime", "label": "A", "required": True},
    {"key": "away", "type": "daterange", "label": "R", "required": True},
    {"key": "rows", "type": "table", "label": "T", "columns": ROW_COLUMNS},
]
MONDAY = "2026-11-30T20:00:00+08:00"
AWAY = {"start": "2026-11-30", "end": "2026-12-02"}
VALUES: dict[str, Any] = {
    "day": "2026-11-30",
    "at": MONDAY,
    "away": AWAY,
    "rows": [
        {"day": "2026-11-30", "at": MONDAY, "away": AWAY},
        {"day": "2026-12-01", "at": "2026-11-30T12:00:00.500000Z", "away": AWAY, "until": "2026-12-02"},
    ],
}
EXPRESSIONS = Expressions(FORM)


def value(source: str, expressions: Expressions = EXPRESSIONS, values=None):
    assert [finding.render() for finding in expressions.check(source, "p")] == []
    people = {"username": "alice", "name": "Alice", "department": "platform", "roles": []}
    return expressions.evaluate(source, Facts(values or VALUES, people, {"priority": "normal", "title": "T"}))


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("form.at.getHours()", 20),
        ("form.at.getDayOfWeek()", 1),  # Monday; Sunday is 0
        ("form.at.getDate()", 30),
        ("form.at.getDayOfMonth()", 29),
        ("form.at.getMonth()", 10),
        ("form.at.getFullYear()", 2026),
        ("form.at.getDayOfYear()", 333),
        ("form.at.getMinutes()", 0),
        ("form.at.getSeconds() + form.at.getMilliseconds()", 0),
        ("form.at.getHours('America/New_York')", 7),
        ("form.at.getHours('UTC')", 12),
        ("form.at.getHours('+01:00')", 13),
        ("form.at.getHours('-02:30')", 9),
        ("timestamp('2026-12-31T16:00:00Z').getFullYear()", 2027),
        ("form.rows[1].at.getMilliseconds()", 500),
        ("form.rows.map(r, r.at.getHours())", [20, 20]),
        ("[form.at].map(t, t.getHours())", [20]),
        ("dyn(form.at).getHours()", 20),
        ("(form.at - form.day).getHours()", 20),
        ("dyn(form.at - form.day).getMinutes()", 1200),
    ],
)
def test_parts_of_a_time_are_the_companys_or_a_named_zones(source, result) -> None:
    assert value(source) == result


def test_named_zones_need_no_files_of_the_system() -> None:
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache(only_keys=["Asia/Kathmandu"])
    try:
        assert value("form.at.getMinutes('Asia/Kathmandu')") == 45
    finally:
        zoneinfo.reset_tzpath()


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("string(form.day)", "2026-11-30"),
        ("text(form.day)", "2026-11-30"),
        ("form.day.getDate()", 30),
        ("form.day.getDayOfWeek()", 1),
        ("form.day.getHours()", 0),
        ("form.day.getDate('America/New_York')", 30),
        ("string(form.away.end) + '!'", "2026-12-02!"),
        ("form.away.start.getDate('America/New_York')", 30),
        ("form.away.start == form.day", True),
        ("form.away.end - form.away.start", timedelta(days=2)),
        ("[form.day].map(d, string(d))", ["2026-11-30"]),
        ("has(form.day) ? string(form.day) : ''", "2026-11-30"),
        ("date('2026-11-30') == form.day", True),
        ("date(form.at) == form.day", True),
        ("form.at > form.day", True),  # a day beside a moment is its beginning, by the company's clock
        ("form.day == timestamp('2026-11-30T00:00:00+08:00')", True),
        ("text(form.at)", "2026-11-30 20:00"),
        ("string(form.at)", "2026-11-30T12:00:00Z"),
        ("form.day", datetime(2026, 11, 29, 16, tzinfo=UTC)),
    ],
)
def test_a_date_is_a_date(source, result) -> None:
    assert value(source) == result


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("form.rows.exists(r, r.day == form.day)", True),
        ("form.rows.all(r, r.day == form.day)", False),
        ("form.rows.exists(r, form.day < r.day)", True),
        ("form.rows.exists(r, r.at == form.at)", True),
        ("form.rows[0].at < form.rows[1].at", True),
        ("form.rows.all(r, r.away.end > r.day)", True),
        ("form.rows.all(r, r.away.end - r.away.start == duration('48h'))", True),
        ("form.rows.filter(r, has(r.until) && r.until == date('2026-12-02')).size()", 1),
        ("form.day in form.rows.map(r, r.day)", True),
        ("form.at in form.rows.map(r, r.at)", True),
        ("form.rows.exists(r, r.day in [form.day])", True),
        ("form.rows[0].day.getDate()", 30),
        ("form.rows[0]['day'] == form.day", True),
        ("form.rows.map(r, string(r.day))", ["2026-11-30", "2026-12-01"]),
        ("form.rows.map(r, r.day + duration('24h') > form.day)", [True, True]),
        # as templates of before wrote it
        ("form.rows.exists(r, timestamp(r.day) == form.day)", True),
        ("form.rows.all(r, timestamp(r.away.end) > timestamp(r.away.start))", True),
        ("'On ' + form.rows[0].day", "On 2026-11-30"),
        ("has(form.rows[0].until) ? form.rows[0].until : 'open'", "open"),
        ("form.rows[0].day == '2026-11-30'", True),
        ("form.rows[0].day.startsWith('2026-11')", True),
        ("form.rows.map(r, r.day)", ["2026-11-30", "2026-12-01"]),
    ],
)
def test_days_in_tables_compare(source, result) -> None:
    assert value(source) == result


def test_an_element_of_a_table_knows_its_days() -> None:
    inside = EXPRESSIONS.with_item_of("form.rows")
    facts = Facts(VALUES, {}, {}, item={**VALUES["rows"][0]})
    assert inside.check("string(item.day) + text(item.at)", "p", "STRING") == []
    assert inside.evaluate("item.day == form.day && item.at == form.at", facts) is True


def test_no_zone_moves_a_date(settings) -> None:
    """The same form in Kiritimati and in Honolulu, where clocks are a day apart."""
    for zone in ("Pacific/Kiritimati", "Pacific/Honolulu", "America/Santiago"):
        settings.TIME_ZONE = zone
        for day in ("2026-01-01", "2026-04-05", "2026-09-06", "2026-12-31"):  # two are short and long in Santiago
            values = {**VALUES, "day": day, "away": {"start": day, "end": "2026-12-31"}}
            assert value("string(form.day)", values=values) == day
            assert value("form.day.getDate()", values=values) == int(day[-2:])
            assert value("form.day.getMonth() + 1", values=values) == int(day[5:7])
            whole = value("form.away.end - form.away.start", values=values)
            assert whole % timedelta(days=1) == timedelta()


def test_what_is_stored_of_a_date_stays_what_was_typed() -> None:
    people = {"username": "alice", "name": "Alice", "department": "platform", "roles": []}
    stored, findings = check_form(EXPRESSIONS, VALUES, people, {"priority": "normal", "title": ""})
    assert findings == []
    assert stored["rows"][0]["day"] == "2026-11-30"


@pytest.mark.parametrize("source", ["form.away.middle", "form.rows[0].away.middle", "has(form.away.middle)"])
def test_a_range_has_two_ends(source) -> None:
    (finding,) = EXPRESSIONS.check(source, "p")
    assert finding.code == "unknown_field"
    assert "away" in localize(finding.suggestion, "en")
