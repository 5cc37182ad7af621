"""One API call as the handlers see it."""

import json
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from sandbox.wecom.errors import ApiError

BODY_MAX = 24 * 1024 * 1024


@dataclass
class Call:
    """One API call. `facts`: what the handler adds to the journal; `warning`: added to errmsg."""

    endpoint: str
    params: dict[str, str]
    raw: bytes
    content_type: str
    ip: str
    body: dict[str, Any] = field(default_factory=dict)
    warning: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    def param(self, name: str) -> str:
        return self.params.get(name, "")

    def text(self, name: str) -> str:
        """A body field as text; numbers are taken as their digits, anything else counts as absent."""
        value = self.body.get(name, "")
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return value if isinstance(value, str) else ""


async def read_call(request: Request, endpoint: str) -> Call:
    """Raises ApiError for a body that is too large or holds half a surrogate pair."""
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > BODY_MAX:
            raise ApiError(45001)
    call = Call(
        endpoint=endpoint,
        params=dict(request.query_params),
        raw=bytes(raw),
        content_type=request.headers.get("content-type", ""),
        ip=request.client.host if request.client else "unknown",
    )
    if raw and "multipart/" not in call.content_type:
        read_json(call)
    return call


def read_json(call: Call) -> None:
    """Read the body as JSON, whatever its Content-Type; invalid JSON leaves the fields empty and sets a warning."""
    try:
        body = json.loads(call.raw)
    except (ValueError, RecursionError):
        call.warning = "Warning: wrong json format."
        return
    try:
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ApiError(40033) from error
    if isinstance(body, dict):
        call.body = body
    else:
        call.warning = "Warning: wrong json format."
