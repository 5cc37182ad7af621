"""API calls that the WeCom channels share, with WeCom's errors as ChannelError."""

from typing import Any

from django.conf import settings

from notify.channels.errors import ChannelError
from notify.wecom.client import FULL, WeComError, client

UPLOAD_S = 60


def is_on() -> bool:
    """Whether this installation uses WeCom."""
    return bool(settings.WECOM_ENABLED)


def send_message(body: dict[str, Any]) -> dict[str, Any]:
    """Call message/send for one person. Raises ChannelError, also if the person cannot be reached."""
    if not body.get("touser"):
        raise ChannelError("the recipient has no WeCom account", permanent=True)
    answer = call("message/send", body)
    unreached = answer.get("invaliduser") or answer.get("unlicenseduser")
    if unreached:
        raise ChannelError("not in the application's visible range, or without a licence", permanent=True)
    return answer


def upload(name: str, content: bytes, content_type: str) -> str:
    """Upload a file (media/upload), its name in ASCII; return its media_id, valid for three days.

    Raises ChannelError.
    """
    files = {"media": (name, content, content_type)}
    try:
        answer = client().post("media/upload", params={"type": "file"}, files=files, timeout=UPLOAD_S)
    except WeComError as error:
        full = error.errcode in FULL
        raise ChannelError(str(error), permanent=not error.is_down, is_down=error.is_down, is_full=full) from error
    return str(answer.get("media_id", ""))


def call(endpoint: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST to the WeCom API. Raises ChannelError with WeComError as its cause."""
    try:
        return client().post(endpoint, data=body)
    except WeComError as error:
        raise ChannelError(str(error), permanent=not error.is_down, is_down=error.is_down) from error
