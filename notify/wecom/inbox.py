"""Storage of a tap before it is answered (I22)."""

import hashlib
from datetime import datetime, timedelta

from notify.models import Callback
from notify.wecom.seals import seal_tap

LATE = timedelta(minutes=5)
TAP = "template_card_event"


def identity(message: dict[str, str], content: str) -> str:
    """A hash that is equal for repeated callbacks of one tap: WeCom repeats the content, not the envelope."""
    code = message.get("ResponseCode", "")
    return hashlib.sha256(f"code\0{code}".encode() if code else f"content\0{content}".encode()).hexdigest()


def store(message: dict[str, str], content: str, *, signed_at: datetime, now: datetime) -> Callback:
    """Store the tap and return its row; for a repeated callback, return the row stored first."""
    row = Callback(
        identity=identity(message, content),
        userid=message.get("FromUserName", "")[:128],
        card_key=message.get("TaskId", "")[:128],
        verb=message.get("EventKey", "")[:128],
        response_code=message.get("ResponseCode", "")[:512],
        is_late=abs(now - signed_at) > LATE,
        received_at=now,
        due_at=now,
    )
    seal_tap(row)
    Callback.objects.bulk_create([row], ignore_conflicts=True)
    return Callback.objects.get(identity=row.identity)
