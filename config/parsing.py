"""JSON in, of a bounded size (A19, A47)."""

from io import BytesIO
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import JSONParser

from config.errors import DomainError

LONGEST = 2 * 1024 * 1024


class BodyTooLarge(DomainError):
    """More than any request needs."""

    code, status = "body_too_large", 413
    text = _("The request is too large: 2 MB at most.")


class BoundedJSONParser(JSONParser):
    """Reads at most LONGEST bytes, whatever the headers promise, before anything is parsed."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        """The JSON value. Raises BodyTooLarge, ParseError."""
        body = stream.read(LONGEST + 1)
        if len(body) > LONGEST:
            raise BodyTooLarge
        return super().parse(BytesIO(body), media_type, parser_context)
