"""Journal of all events in order, for tests and the phone page."""

import json
import time
from typing import Any

from sandbox.web.database import Database, Row

SECRET_FIELDS = {"access_token", "corpsecret", "secret", "user_ticket", "key"}
BRIEF = (
    "seq", "at", "kind", "endpoint", "errcode", "userid", "key", "attempt", "status", "error", "took_ms",
    "msgtype",
)  # fmt: skip
HIDDEN = "(hidden)"


class Journal:
    """Append-only list of entries `{seq, at, kind, …}`."""

    def __init__(self, store: Database) -> None:
        self._store = store

    def write(self, kind: str, **facts: Any) -> int:
        entry = json.dumps(facts, ensure_ascii=False)
        return self._store.insert("INSERT INTO journal (at, kind, entry) VALUES (?, ?, ?)", time.time(), kind, entry)

    def read(self, since: int = 0, kind: str = "") -> list[dict[str, Any]]:
        """Entries with seq > since, oldest first."""
        rows = self._store.all(
            "SELECT * FROM journal WHERE seq > ? AND (? = '' OR kind = ?) ORDER BY seq", since, kind, kind
        )
        return [entry_of(row) for row in rows]

    def latest(self, count: int) -> list[dict[str, Any]]:
        """The newest entries in brief, newest first; token calls are left out."""
        rows = self._store.all(
            "SELECT * FROM journal WHERE entry NOT LIKE '%\"gettoken\"%' ORDER BY seq DESC LIMIT ?", count
        )
        return [{name: entry.get(name) for name in BRIEF} for entry in map(entry_of, rows)]


def entry_of(row: Row) -> dict[str, Any]:
    return {"seq": row["seq"], "at": row["at"], "kind": row["kind"], **json.loads(row["entry"])}


def without_secrets(values: dict[str, Any]) -> dict[str, Any]:
    """Hide secret top-level fields; message contents stay, as tests check them."""
    return {name: HIDDEN if name in SECRET_FIELDS else value for name, value in values.items()}
