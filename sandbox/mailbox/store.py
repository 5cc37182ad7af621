"""Storage of mails, byte for byte."""

import json
from pathlib import Path
from typing import Any

from sandbox.web.database import Database, Row

SCHEMA = """
CREATE TABLE IF NOT EXISTS mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT, received_at REAL NOT NULL, sender TEXT NOT NULL,
    recipients TEXT NOT NULL, raw BLOB NOT NULL);
"""
NEWEST = 500


class MailStore:
    """Stored mails. `recipients` is the envelope's list: the real recipients."""

    def __init__(self, path: Path | str) -> None:
        self._database = Database(path, SCHEMA)

    def add(self, received_at: float, sender: str, recipients: list[str], raw: bytes) -> int:
        return self._database.insert(
            "INSERT INTO mail (received_at, sender, recipients, raw) VALUES (?, ?, ?, ?)",
            received_at, sender, json.dumps(recipients), raw,
        )  # fmt: skip

    def newest(self, to: str = "") -> list[Row]:
        """Newest first; with `to` only mails to that address, compared without case."""
        return self._database.all(
            "SELECT * FROM mail WHERE ? = '' OR EXISTS "
            "(SELECT 1 FROM json_each(recipients) WHERE lower(value) = lower(?)) ORDER BY id DESC LIMIT ?",
            to, to, NEWEST,
        )  # fmt: skip

    def get(self, mail_id: int) -> Row | None:
        return self._database.one("SELECT * FROM mail WHERE id = ?", mail_id)

    def addresses(self) -> list[str]:
        rows = self._database.all("SELECT DISTINCT value FROM mail, json_each(recipients) ORDER BY value")
        return [row["value"] for row in rows]

    def last_id(self) -> int:
        row: Any = self._database.one("SELECT max(id) AS last FROM mail")
        return row["last"] or 0

    def clear(self) -> None:
        self._database.run("DELETE FROM mail")

    def close(self) -> None:
        self._database.close()
