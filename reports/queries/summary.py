"""The summary of a month in numbers."""

from datetime import date
from typing import Any, TypedDict

from reports.month import Month
from reports.queries import statements
from reports.queries.run import fetch, json_text
from reports.snapshot import snapshot
from templates_engine.text import Text
from tickets.states import TicketState
from tickets.states.ticket import OPEN

STATES = [state.value for state in TicketState if state != TicketState.DRAFT]


class Satisfaction(TypedDict):
    """Ratings of the tickets completed in the month; average is None if there are none."""

    average: float | None
    count: int


class StateCount(TypedDict):
    """How many of the month's tickets are in this state now."""

    state: str
    count: int


class TemplateRow(TypedDict):
    """One template's numbers in the month. median_hours: from submission to end, of completed tickets."""

    key: str
    name: Text
    submitted: int
    completed: int
    median_hours: float | None


class HandlerRow(TypedDict):
    """One person's decisions. on_behalf: how many of them as a proxy; median_hours: from task to decision."""

    username: str
    name: str
    decided: int
    on_behalf: int
    median_hours: float | None


class DayRow(TypedDict):
    """One day: how many tickets were submitted and how many were completed."""

    date: date
    submitted: int
    completed: int


class Summary(TypedDict):
    """The month. Hours are elapsed hours. on_time_rate: 0..1, of the decided tasks that had a deadline.

    total, by_state, open, vetoed, withdrawn, failed: tickets submitted in the month, by their present state
    (open includes failed ones). completed, median_hours, satisfaction: tickets completed in the month.
    """

    month: str
    total: int
    completed: int
    open: int
    vetoed: int
    withdrawn: int
    failed: int
    on_time_rate: float | None
    median_hours: float | None
    satisfaction: Satisfaction
    by_state: list[StateCount]
    by_template: list[TemplateRow]
    by_handler: list[HandlerRow]
    by_day: list[DayRow]


def summary(month: Month) -> Summary:
    """All numbers of one month, from one snapshot, always in six statements."""
    with snapshot():
        states = dict(fetch(statements.STATES, month))
        [(completed, hours, average, rated)] = fetch(statements.COMPLETED, month)
        [(on_time, due)] = fetch(statements.ON_TIME, month)
        return {
            "month": str(month),
            "total": sum(states.values()),
            "completed": completed,
            "open": sum(states.get(state, 0) for state in OPEN),
            "vetoed": states.get(TicketState.VETOED, 0),
            "withdrawn": states.get(TicketState.WITHDRAWN, 0),
            "failed": states.get(TicketState.FAILED, 0),
            "on_time_rate": round(on_time / due, 4) if due else None,
            "median_hours": _rounded(hours),
            "satisfaction": {"average": _rounded(average), "count": rated},
            "by_state": [{"state": state, "count": states.get(state, 0)} for state in STATES],
            "by_template": _by_template(month),
            "by_handler": _by_handler(month),
            "by_day": _by_day(month),
        }


def _by_template(month: Month) -> list[TemplateRow]:
    return [
        {
            "key": key,
            "name": json_text(name),
            "submitted": submitted,
            "completed": completed,
            "median_hours": _rounded(hours),
        }
        for key, name, submitted, completed, hours in fetch(statements.BY_TEMPLATE, month)
    ]


def _by_handler(month: Month) -> list[HandlerRow]:
    return [
        {
            "username": username,
            "name": name,
            "decided": decided,
            "on_behalf": proxied,
            "median_hours": _rounded(hours),
        }
        for username, name, decided, proxied, hours in fetch(statements.BY_HANDLER, month)
    ]


def _by_day(month: Month) -> list[DayRow]:
    counts = {day: (submitted, completed) for day, submitted, completed in fetch(statements.BY_DAY, month)}
    return [
        {"date": day, "submitted": submitted, "completed": completed}
        for day in month.days
        for submitted, completed in [counts.get(day, (0, 0))]
    ]


def _rounded(value: Any) -> float | None:
    return None if value is None else round(float(value), 2)
