"""What a query asks for, by the parameters that the schema declares. Nothing else is taken, nor passed over (A38)."""

from collections.abc import Iterable
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.serializers import Serializer

Declared = OpenApiParameter | type[Serializer]


def known(request: Request, parameters: Iterable[Declared]) -> QueryDict:
    """The request's query, of these parameters only, each once.

    A filter that is misspelt would show everything and look as if it fitted. Raises ValidationError.
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
    """The value of a parameter that must be one of these; None where it is not given. Raises ValidationError."""
    given = query.get(name)
    if given and given not in allowed:
        message = _("One of: %(allowed)s.") % {"allowed": ", ".join(allowed)}
        raise ValidationError({name: [ErrorDetail(message, code="not_an_option")]})
    return given or None


def flag(query: Any, name: str) -> bool:
    """Whether a parameter is `true`; false where it is not given. Raises ValidationError for anything else."""
    return choice(query, name, ["true", "false"]) == "true"


def number(query: Any, name: str, lowest: int, highest: int, default: int) -> int:
    """The value of a parameter that is a whole number of this range. Raises ValidationError."""
    given = query.get(name)
    if given is None:
        return default
    if given.isascii() and given.isdecimal() and len(given) <= len(str(highest)) and lowest <= int(given) <= highest:
        return int(given)
    message = _("A whole number from %(lowest)s to %(highest)s.") % {"lowest": lowest, "highest": highest}
    raise ValidationError({name: [ErrorDetail(message, code="not_a_number")]})
