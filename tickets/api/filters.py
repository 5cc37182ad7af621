"""What a list's query asks for; nothing else of it is looked at (A38)."""

import re
from datetime import datetime, time
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError

from tickets.models.ticket import Priority
from tickets.states import TicketState


def choice(query: Any, name: str, allowed: list[str]) -> str | None:
    """The value of a parameter that must be one of these; None where it is not given. Raises ValidationError."""
    given = query.get(name)
    if given and given not in allowed:
        message = _("One of: %(allowed)s.") % {"allowed": ", ".join(allowed)}
        raise ValidationError({name: [ErrorDetail(message, code="not_an_option")]})
    return given or None


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


def list_filters(query: Any) -> dict[str, Any]:
    """The filters that a query names, those left empty dropped. Raises ValidationError."""
    filters = {
        "state": choice(query, "state", TicketState.values),
        "priority": choice(query, "priority", Priority.values),
        "template": query.get("template"),
        "applicant": query.get("applicant"),
        "q": query.get("q", "").strip()[:100],
        "created_from": moment(query, "created_from"),
        "created_to": moment(query, "created_to"),
        "stuck": choice(query, "stuck", ["true", "false"]) == "true",
    }
    return {key: value for key, value in filters.items() if value}
