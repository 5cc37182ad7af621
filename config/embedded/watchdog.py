"""Sees what runs and does nothing: asks the web server how the work goes on, and ends what stands still (F18).

What it ends the supervisor starts again. Nothing is lost by that: work waits in the database, and whoever held some of
it is replaced after a lease. An executor whose jobs are alive is never touched.
"""

import http.client
import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from config.embedded.postgres import Postgres
from config.embedded.supervisor import Supervisor

LOOK_S = 5.0
SILENT_S = 45.0  # of sweeps that come every 5 s, and of an executor that is asked every 15 s
SETTLE_S = 45.0  # a part that was started so lately is given time
ANSWER_S = 4.0
BAD_LOOKS = 2
FROZEN_LOOKS = 3
PARTS = {
    "outbox": ("worker", "beat"),
    "timer": ("worker", "beat"),
    "delivery": ("worker", "beat"),
    "job": ("executor",),
}


@dataclass
class Watchdog:
    """Looks every few seconds, in a thread of its own. `ask(path)` gives a JSON answer, or None where none came."""

    supervisor: Supervisor
    say: Callable[[str], None]
    ask: Callable[[str], Any]
    web: deque[bool] = field(default_factory=lambda: deque([True] * 6, maxlen=6))
    database: Postgres | None = None
    bad: dict[str, int] = field(default_factory=dict)
    frozen: dict[str, int] = field(default_factory=dict)
    is_down: bool = False

    def start(self) -> None:
        """Look until the process ends."""
        threading.Thread(target=self._watch, daemon=True, name="watchdog").start()

    def _watch(self) -> None:
        while not self.supervisor.stopping:
            time.sleep(LOOK_S)
            self.look(time.monotonic())

    def look(self, now: float) -> None:
        """One look at everything."""
        self.look_for_frozen(now)
        self.web.append(self.ask("/healthz") is not None)
        if self.web.count(False) > len(self.web) // 2 - 1:
            self.web.extend([True] * 6)
            self.end("web", "the web server does not answer", now)
        found = self.ask("/readyz") or self.ask("/readyz")
        if found is None:
            return
        trouble = self.trouble(found)
        for part in {*self.bad, *trouble}:
            self.bad[part] = self.bad.get(part, 0) + 1 if part in trouble else 0
            if self.bad[part] >= BAD_LOOKS and self.end(part, trouble[part], now):
                self.bad[part] = 0
                self.is_down = True
        if self.is_down and found.get("ok") and not trouble:
            self.is_down = False
            self.say("· The work goes on again.")

    def look_for_frozen(self, now: float) -> None:
        """Who is stopped (SIGSTOP) and would be missed by nobody: all but those whose signs of life are read."""
        watched = {part for parts in PARTS.values() for part in parts}
        for child in self.supervisor.children:
            if child.name not in watched and self._stays_so(child.name, child.is_stopped()):
                self.end(child.name, f"{child.name} is stopped", now)
        if self.database is not None and self._stays_so("PostgreSQL", self.database.is_stopped()):
            self.say("! PostgreSQL was stopped: letting it go on")
            self.database.wake()  # a killed one would have to recover, and cut everybody's connection

    def _stays_so(self, name: str, is_stopped: bool) -> bool:
        self.frozen[name] = self.frozen.get(name, 0) + 1 if is_stopped else 0
        return self.frozen[name] >= FROZEN_LOOKS

    @staticmethod
    def trouble(found: dict[str, Any]) -> dict[str, str]:
        """Part → what is wrong, from an answer of /readyz. Without database or broker it is nobody's fault."""
        progress = found.get("progress") or {}
        wrong: dict[str, str] = {}
        if _silent(progress, "executor_age_s"):
            wrong["executor"] = "the executor gives no sign of life"
        if _silent(progress, "sweep_age_s"):
            wrong |= dict.fromkeys(("worker", "beat"), "the sweeps do not run")
        for kind in found.get("stuck", ()):
            what = f"nobody comes for what is due ({kind}, for {progress[f'{kind}_age_s']:.0f} s)"
            wrong |= dict.fromkeys(PARTS[kind], what)
        return wrong

    def end(self, name: str, why: str, now: float) -> bool:
        """End a part, unless it has only just begun; whether it was ended."""
        child = next((child for child in self.supervisor.children if child.name == name), None)
        if child is None or child.again_at or now - child.started < SETTLE_S:
            return False
        self.say(f"! {why[0].upper()}{why[1:]}: starting {name} again")
        child.kill()
        return True


def _silent(progress: dict[str, Any], key: str) -> bool:
    return key in progress and (progress[key] is None or progress[key] > SILENT_S)


def asking(host: str, port: int) -> Callable[[str], Any]:
    """`ask` over HTTP, each time over a connection of its own, so that every web process is met sooner or later."""

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
