"""What a list's query asks for; nothing else of it is looked at (A38)."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError

from config.asking import choice, flag
from tickets.models.ticket import Priority
from tickets.states import TicketState

UNENCODED_PLUS = re.compile(r" (?=\d\d:?\d\d$)")


def moment(query: Any, name: str) -> datetime | None:
    """The value of a parameter that is a time with its offset, or a day: where it begins in the company's zone.

    A `+` that was not encoded arrives as a space; it cannot have meant anything else. Raises ValidationError.
    """
    given = query.get(name)
    if not given:
        return None
    found: datetime | None
    try:
        if day := parse_date(given):
            found = timezone.make_aware(datetime.combine(day, time()))
        else:
            found = parse_datetime(UNENCODED_PLUS.sub("+", given))
    except (ValueError, OverflowError):
        found = None
    if found is None or found.tzinfo is None:
        message = _("A time with its offset, such as 2026-11-21T09:00:00+08:00, or a day.")
        raise ValidationError({name: [ErrorDetail(message, code="bad_datetime")]})
    return found


def end(query: Any, name: str) -> datetime | None:
    """As `moment`, for where something ends: a day is included, and ends where the next one begins."""
    found = moment(query, name)
    day = parse_date(query[name]) if found else None
    if day is None:
        return found
    if day == date.max:
        return datetime.max.replace(tzinfo=UTC)
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def list_filters(query: Any) -> dict[str, Any]:
    """The filters that a query names, those left empty dropped. Raises ValidationError."""
    filters = {
        "state": choice(query, "state", TicketState.values),
        "priority": choice(query, "priority", Priority.values),
        "template": query.get("template"),
        "applicant": query.get("applicant"),
        "q": query.get("q", "").strip()[:100],
        "created_from": moment(query, "created_from"),
        "created_to": end(query, "created_to"),
        "stuck": flag(query, "stuck"),
    }
    return {key: value for key, value in filters.items() if value}
