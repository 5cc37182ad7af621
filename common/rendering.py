"""JSON responses, written by orjson: dates as ISO 8601 with offset, no intermediate copies."""

from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer


def rendered(data: Any) -> bytes:
    """The body of a JSON response with this data."""
    return orjson.dumps(data, default=str, option=orjson.OPT_NON_STR_KEYS)


class OrjsonRenderer(BaseRenderer):
    """Renders what views return: dicts, lists, strings, numbers, aware datetimes; lazy texts by str()."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:  # noqa: ARG002
        """The body of a response; b"" if there is none."""
        if data is None:
            return b""
        return rendered(data)
