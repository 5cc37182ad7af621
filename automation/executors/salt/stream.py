"""The event stream of salt-api. Its events are only hints, so an error ends the stream and nothing else."""

import http.client
import json
import socket
from collections.abc import Collection, Iterator
from typing import Any

from automation.executors.salt.api_connection import LINE_MAX, Account, Connection, SaltApiError

OPEN_S = 15.0


class Stream:
    """(tag, data) of the events of certain jobs. It ends when it is closed or breaks. Raises SaltApiError.

    The token is sent in a header: in a URL it would appear in logs, and salt-api refuses it there.
    """

    def __init__(self, account: Account, token: str) -> None:
        self._connection = Connection(account, OPEN_S)
        try:
            self._answer = self._connection.ask("GET", "/events", token)
        except SaltApiError:
            self._connection.close()
            raise
        if self._answer.status != 200:
            self._connection.close()
            raise SaltApiError(f"salt-api gives no events ({self._answer.status})", self._answer.status)
        self._connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._connection.socket.settimeout(None)  # a master may send nothing for hours

    def read(self, jids: Collection[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Events of the jobs in this set, which may grow meanwhile; each event once, even if Salt sends it twice."""
        wanted = False
        tag = ""
        try:
            while line := self._answer.readline(LINE_MAX):
                if line.startswith(b"tag: "):
                    tag = line[5:].strip().decode("utf-8", "replace")
                    parts = tag.split("/")
                    wanted = len(parts) > 3 and parts[:2] == ["salt", "job"] and parts[2] in jids
                elif wanted and line.startswith(b"data: "):
                    wanted = False
                    data = json.loads(line[6:]).get("data")
                    if isinstance(data, dict):
                        yield tag, data
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            return

    def close(self) -> None:
        """Close the stream, even while another thread reads it."""
        self._connection.close()
