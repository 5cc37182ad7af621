"""Which months' workbooks were sent to whom, and when."""

from datetime import datetime
from typing import TypedDict

from reports.models import Sending
from reports.month import Month


class Sent(TypedDict):
    """One recipient and channel. at: when it was sent, or None; error: why it was not sent."""

    username: str
    name: str
    channel: str
    state: str
    at: datetime | None
    error: str


class Run(TypedDict):
    """One month. at: when its first row was created."""

    period: str
    at: datetime
    file: str
    sent_to: list[Sent]


def _sent(row: Sending) -> Sent:
    return {
        "username": row.recipient.username,
        "name": row.recipient.name,
        "channel": row.channel,
        "state": row.state,
        "at": row.sent_at,
        "error": row.last_error,
    }


def runs() -> list[Run]:
    """All runs, newest month first."""
    found: dict[str, Run] = {}
    rows = Sending.objects.select_related("recipient").order_by("-month", "recipient__username", "channel")
    for row in rows:
        name = Month.parse(row.month).file_name
        run = found.setdefault(row.month, {"period": row.month, "at": row.created_at, "file": name, "sent_to": []})
        run["at"] = min(run["at"], row.created_at)
        run["sent_to"].append(_sent(row))
    return list(found.values())
