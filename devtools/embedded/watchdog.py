"""Watchdog for hanging processes: reads the progress from the web server and kills parts that hang (F18).

The supervisor restarts them. No work is lost: it is stored in the database, and leases of killed processes expire.
An executor whose jobs send heartbeats is never killed.
"""

import http.client
import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from config.trouble import PARTS, trouble_in
from devtools.embedded.postgres import Postgres
from devtools.embedded.supervisor import Supervisor

LOOK_S = 5.0
SETTLE_S = 45.0  # a part that was started more recently is not killed
ANSWER_S = 4.0
BAD_LOOKS = 2
FROZEN_LOOKS = 3


@dataclass
class Watchdog:
    """Checks every few seconds, in its own thread. `ask(path)` returns the JSON response, or None if none came."""

    supervisor: Supervisor
    say: Callable[[str], None]
    ask: Callable[[str], Any]
    web: deque[bool] = field(default_factory=lambda: deque([True] * 6, maxlen=6))
    database: Postgres | None = None
    bad: dict[str, int] = field(default_factory=dict)
    frozen: dict[str, int] = field(default_factory=dict)
    is_down: bool = False

    def start(self) -> None:
        """Start the thread, which checks until the process ends."""
        threading.Thread(target=self._watch, daemon=True, name="watchdog").start()

    def _watch(self) -> None:
        while not self.supervisor.stopping:
            time.sleep(LOOK_S)
            self.check(time.monotonic())

    def check(self, now: float) -> None:
        """Check everything once."""
        self.check_for_frozen(now)
        self.web.append(self.ask("/healthz") is not None)
        if self.web.count(False) > len(self.web) // 2 - 1:
            self.web.extend([True] * 6)
            self.end("web", "the web server does not answer", now)
        found = self.ask("/readyz") or self.ask("/readyz")
        if found is None:
            return
        trouble = trouble_in(found)
        for part in {*self.bad, *trouble}:
            self.bad[part] = self.bad.get(part, 0) + 1 if part in trouble else 0
            if self.bad[part] >= BAD_LOOKS and self.end(part, trouble[part], now):
                self.bad[part] = 0
                self.is_down = True
        if self.is_down and found.get("ok") and not trouble:
            self.is_down = False
            self.say("· The work goes on again.")

    def check_for_frozen(self, now: float) -> None:
        """Handle stopped processes (SIGSTOP), except the parts whose heartbeats are checked anyway."""
        watched = {part for parts in PARTS.values() for part in parts}
        for child in self.supervisor.children:
            if child.name not in watched and self._stays_so(child.name, child.is_stopped()):
                self.end(child.name, f"{child.name} is stopped", now)
        if self.database is not None and self._stays_so("PostgreSQL", self.database.is_stopped()):
            self.say("! PostgreSQL was stopped: letting it go on")
            self.database.wake()  # killing it would need a recovery and close all connections

    def _stays_so(self, name: str, is_stopped: bool) -> bool:
        self.frozen[name] = self.frozen.get(name, 0) + 1 if is_stopped else 0
        return self.frozen[name] >= FROZEN_LOOKS

    def end(self, name: str, why: str, now: float) -> bool:
        """Kill a part, unless it was started just now; return whether it was killed."""
        child = next((child for child in self.supervisor.children if child.name == name), None)
        if child is None or child.again_at or now - child.started < SETTLE_S:
            return False
        self.say(f"! {why[0].upper()}{why[1:]}: starting {name} again")
        child.kill()
        return True


def asking(host: str, port: int) -> Callable[[str], Any]:
    """`ask` over HTTP, with a new connection each time, so that all web processes get asked over time."""

    def ask(path: str) -> Any:
        connection = http.client.HTTPConnection(host, port, timeout=ANSWER_S)
        try:
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())
        except (OSError, ValueError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    return ask
