"""A fake executor for dry runs: returns what a test sets, changes nothing, and stores its orders."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self
from unittest.mock import patch

from automation.dry_runs.run import run
from automation.executors.base import Diff, HostResult, News, Order, Refused
from automation.models.dry_run import DryRun
from tickets.background.dispatch import dispatch
from tickets.models import Ticket

FILE = ("/etc/nginx/conf.d/shop.conf", "--- before\n+++ after\n@@ -1 +1 @@\n-listen 80;\n+listen 8080;\n")
SERVICE = ("service nginx", "restarted\n")


class FakeExecution:
    """Ends at the second look; or hangs until it is stopped."""

    def __init__(self, fake: "Fake", order: Order) -> None:
        self.exit_code: int | None = None
        self.has_verdict = False
        self.began_at = time.monotonic()
        self._fake, self._order = fake, order

    def poll(self, timeout_s: float) -> News:
        if self._fake.hangs and not self._fake.stopped:
            self._fake.on_poll()
            return News(b"", {})
        if self._fake.stopped:
            self.exit_code = -15
            return News(b"", {})
        self.exit_code = 0 if self._fake.status != "failed" else 2
        if self.has_verdict:
            return News(b"", {})
        self.has_verdict = True
        names = [target["name"] for target in self._order.targets]
        hosts = {name: HostResult(self._fake.status, bool(self._fake.places), self._fake.message) for name in names}
        diffs = tuple(Diff(name, path, text) for name in names for path, text in self._fake.places)
        return News(b"", hosts, diffs, tuple((names[0], step) for step in self._fake.steps))

    def renew(self) -> None:
        self._fake.renewed += 1

    def stop(self) -> None:
        self._fake.stopped = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: Any) -> None:
        self._fake.left += 1


class Fake:
    """Sets the result of every dry run."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.places: list[tuple[str, str]] = [FILE, SERVICE]
        self.steps: list[str] = []
        self.status, self.message, self.refusal = "changed", "", ""
        self.hangs = self.stopped = False
        self.renewed = self.left = 0
        self.on_poll: Any = lambda: None

    def start(self, order: Order) -> FakeExecution:
        self.orders.append(order)
        if self.refusal:
            raise Refused(self.refusal)
        return FakeExecution(self, order)


@contextmanager
def faked() -> Iterator[Fake]:
    """Replace all executors by one fake."""
    fake = Fake()
    with patch.dict("automation.executors.EXECUTORS", {"ansible": lambda: fake}):
        yield fake


def foresee(ticket: Ticket) -> DryRun:
    """Dispatch events, and make the waiting dry run."""
    dispatch()
    waiting = DryRun.objects.get(ticket=ticket, state="waiting")
    run(waiting.pk)
    ticket.refresh_from_db()
    waiting.refresh_from_db()
    return waiting
