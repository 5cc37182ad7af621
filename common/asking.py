"""Reads query parameters that the schema declares; any other parameter is an error (A38)."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.serializers import Serializer

Declared = OpenApiParameter | type[Serializer]
UNENCODED_PLUS = re.compile(r" (?=\d\d:?\d\d$)")


def known(request: Request, parameters: Iterable[Declared]) -> QueryDict:
    """The request's query; it may hold only these parameters, each once.

    A misspelt filter would otherwise return every row without a warning. Raises ValidationError.
    """
    query = request.query_params
    names = [name for declared in parameters for name in _names(declared)]
    wrong: dict[str, list[ErrorDetail]] = {}
    for name in query:
        if name not in names:
            there = ", ".join(sorted(names)) or "—"
            message = _("There is no such parameter here. There are: %(known)s.") % {"known": there}
            wrong[name] = [ErrorDetail(message, code="unknown_parameter")]
        elif len(query.getlist(name)) > 1:
            wrong[name] = [ErrorDetail(_("Give it once."), code="given_twice")]
    if wrong:
        raise ValidationError(wrong)
    return query


def _names(declared: Declared) -> Iterable[str]:
    return [declared.name] if isinstance(declared, OpenApiParameter) else map(str, declared().fields)


def choice(query: Any, name: str, allowed: list[str]) -> str | None:
    """The value of a parameter that must be one of `allowed`; None if it is not given. Raises ValidationError."""
    given = query.get(name)
    if given and given not in allowed:
        message = _("One of: %(allowed)s.") % {"allowed": ", ".join(allowed)}
        raise ValidationError({name: [ErrorDetail(message, code="not_an_option")]})
    return given or None


def flag(query: Any, name: str) -> bool:
    """Whether a parameter is `true`; False if it is not given. Raises ValidationError for other values."""
    return choice(query, name, ["true", "false"]) == "true"


def number(query: Any, name: str, lowest: int, highest: int, default: int) -> int:
    """The value of a parameter that is a whole number in this range. Raises ValidationError."""
    given = query.get(name)
    if given is None:
        return default
    if given.isascii() and given.isdecimal() and len(given) <= len(str(highest)) and lowest <= int(given) <= highest:
        return int(given)
    message = _("A whole number from %(lowest)s to %(highest)s.") % {"lowest": lowest, "highest": highest}
    raise ValidationError({name: [ErrorDetail(message, code="not_a_number")]})


def moment(query: Any, name: str) -> datetime | None:
    """The value of a parameter that is a time with offset, or a day (its start in the company's time zone).

    An unencoded `+` arrives as a space and is read as `+`. None if it is not given. Raises ValidationError.
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
    """As `moment`, for the end of a period: a day is included, so the value is the start of the next day."""
    found = moment(query, name)
    day = parse_date(query[name]) if found else None
    if day is None:
        return found
    if day == date.max:
        return datetime.max.replace(tzinfo=UTC)
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
