"""A strict JSON parser for request bodies, with a size limit (A19, A37, A47)."""

import json
from collections import Counter
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from common.errors import DomainError

LONGEST = 2 * 1024 * 1024


class BodyTooLarge(DomainError):
    """The request body is longer than LONGEST."""

    code, status = "body_too_large", 413
    text = gettext_lazy("The request is too large: 2 MB at most.")


class BoundedJSONParser(JSONParser):
    """Reads at most LONGEST bytes, whatever the headers say, before anything is parsed.

    A key that is given twice is refused, because RFC 8259 does not define its meaning; NaN and the infinities are
    refused because they are not JSON. Two programs must never read one request differently.
    """

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:  # noqa: ARG002
        """The JSON value. Raises BodyTooLarge, ParseError."""
        body = stream.read(LONGEST + 1)
        if len(body) > LONGEST:
            raise BodyTooLarge
        try:
            return json.loads(body.decode(), object_pairs_hook=_mapping, parse_constant=_constant)
        except (ValueError, RecursionError) as error:
            raise ParseError(_("Not valid JSON: %(problem)s") % {"problem": str(error)[:200]}) from error


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = Counter(key for key, _value in pairs).most_common(1)[0][0]
        raise ValueError(_("the key %(key)s appears twice") % {"key": twice[:100]})
    return found


def _constant(name: str) -> Any:
    raise ValueError(_("%(name)s is not a JSON number") % {"name": name})
