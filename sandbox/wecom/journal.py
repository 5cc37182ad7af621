"""What happened, in order, for tests to read."""

import json
import time
from typing import Any

from sandbox.web.database import Database

SECRET_FIELDS = {"access_token", "corpsecret", "secret", "user_ticket", "key"}
HIDDEN = "(hidden)"


class Journal:
    """Append-only list of entries `{seq, at, kind, …}`."""

    def __init__(self, store: Database) -> None:
        self._store = store

    def write(self, kind: str, **facts: Any) -> int:
        entry = json.dumps(facts, ensure_ascii=False)
        return self._store.insert(
            "INSERT INTO journal (at, kind, entry) VALUES (?, ?, ?)", time.time(), kind, entry
        )

    def read(self, since: int = 0, kind: str = "") -> list[dict[str, Any]]:
        """Entries with seq > since, oldest first."""
        rows = self._store.all(
            "SELECT * FROM journal WHERE seq > ? AND (? = '' OR kind = ?) ORDER BY seq", since, kind, kind
        )
        return [{"seq": r["seq"], "at": r["at"], "kind": r["kind"], **json.loads(r["entry"])} for r in rows]


def without_secrets(values: dict[str, Any]) -> dict[str, Any]:
    """Top-level fields that open doors are hidden; message contents stay, they are what tests look at."""
    return {name: HIDDEN if name in SECRET_FIELDS else value for name, value in values.items()}
