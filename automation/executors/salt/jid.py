"""Job ids made by Baton: the same run always gets the same id, and a minion runs an id only once (I14, F05, F28)."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
_SPAN_US = 99 * 365 * 86_400 * 1_000_000


def jid_of(key: str, mode: str, minions: Iterable[str], again: int = 0) -> str:
    """20 digits that Salt reads as a date and time. again: how often the run was refused while another job was running.

    key "": a random id that cannot be computed again.
    """
    parts = [key or secrets.token_hex(16), mode, *sorted(minions), str(again)]
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part.encode()).to_bytes(8, "big") + part.encode())
    moment = _FIRST + timedelta(microseconds=int.from_bytes(total.digest()[:8], "big") % _SPAN_US)
    return moment.strftime("%Y%m%d%H%M%S%f")
