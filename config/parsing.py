"""JSON in, of a bounded size and without surprises (A19, A37, A47)."""

import json
from collections import Counter
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from config.errors import DomainError

LONGEST = 2 * 1024 * 1024


class BodyTooLarge(DomainError):
    """More than any request needs."""

    code, status = "body_too_large", 413
    text = gettext_lazy("The request is too large: 2 MB at most.")


class BoundedJSONParser(JSONParser):
    """Reads at most LONGEST bytes, whatever the headers promise, before anything is parsed.

    RFC 8259 leaves open what a key that stands twice means; here it is refused, as are NaN and the infinities, which
    are no JSON at all: two programs must never read one request differently.
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
        raise ValueError(_("the key %(key)s stands twice") % {"key": twice[:100]})
    return found


def _constant(name: str) -> Any:
    raise ValueError(_("%(name)s is not a JSON number") % {"name": name})
