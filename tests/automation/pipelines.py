"""Plans with stages: two matching actions, and fake executors."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.utils import timezone

from accounts.models import User
from automation.actions.document import load_action
from automation.actions.library import library
from automation.executors.base import HostResult, News, Order, Refused
from automation.models import Job
from templates_engine.store.commands import import_template
from tests.automation.world import HEAD, approve, submit
from tickets.background.dispatch import dispatch
from tickets.models import Ticket

REPORT, NOTE = "test.report", "test.note"
STAGES = f"""[{{action: {REPORT}}}, {{action: {NOTE}, params: {{word: {{from: 1, output: word}}}}}}]"""


@contextmanager
def known(**more: Any) -> Iterator[None]:
    """Register the two actions as if they were shipped."""
    folder = Path(__file__).parent / "library"
    with patch.dict(library().shipped, {key: load_action(folder / key) for key in (REPORT, NOTE)} | more):
        yield


def publish_stages(stages: str = STAGES, more: str = "") -> None:
    """Publish a template whose automation has these stages."""
    text = HEAD.split("  - {{node: run")[0].format(key="line", form="")
    rest = f", {more}" if more else ""
    text += f"  - {{node: run, type: automation, name: 执行, targets: form.hosts, stages: {stages}{rest}}}\n"
    import_template(text=text, actor=None, at=timezone.now(), publish_it=True)


def staged(people: dict[str, User], hosts: list[str], stages: str = STAGES, more: str = "") -> Ticket:
    """A submitted ticket of such a template."""
    publish_stages(stages, more)
    return submit("line", people, hosts)


def staged_job(people: dict[str, User], hosts: list[str], stages: str = STAGES, more: str = "") -> Job:
    """The waiting job of such a ticket."""
    ticket = staged(people, hosts, stages, more)
    approve(ticket, people)
    dispatch()
    return Job.objects.get(ticket=ticket)


@dataclass
class Line:
    """Sets the result of every run. fate: (action, host) → status, default changed. words: host → its output."""

    fate: dict[tuple[str, str], str] = field(default_factory=dict)
    words: dict[str, Any] = field(default_factory=dict)
    word: Any = "blue"
    refuses: str = ""
    orders: list[Order] = field(default_factory=list)
    before_end: Any = None

    def start(self, order: Order) -> "Pretended":
        self.orders.append(order)
        if order.action.key == self.refuses:
            raise Refused("it is not there")
        return Pretended(self, order)

    def ran(self) -> list[tuple[str, list[str]]]:
        """(action, hosts) of each run."""
        return [(order.action.key, [target["name"] for target in order.targets]) for order in self.orders]


class Pretended:
    """Ends at the second look."""

    def __init__(self, line: Line, order: Order) -> None:
        self.line, self.order = line, order
        self.exit_code: int | None = None
        self.has_verdict, self.began_at, self.looks, self.said = False, time.monotonic(), 0, b""

    def __enter__(self) -> "Pretended":
        return self

    def __exit__(self, *details: object) -> None:
        pass

    def renew(self) -> None:
        pass

    def stop(self) -> None:
        self.exit_code = 143

    def tell(self, text: str) -> None:
        """Write this before it ends."""
        self.said += text.encode()

    def poll(self, timeout_s: float) -> News:
        self.looks += 1
        names = [target["name"] for target in self.order.targets]
        if self.looks == 1:
            return News(b"begun\n", {name: HostResult("running") for name in names})
        if self.exit_code is not None:
            return News(b"", {})
        if self.line.before_end:
            self.line.before_end(self)
        key = self.order.action.key
        fate = {name: self.line.fate.get((key, name), "changed") for name in names}
        if "lost" in fate.values():
            self.exit_code = 137
            return News(b"", {})
        self.exit_code, self.has_verdict = (2 if "failed" in fate.values() else 0), True
        outputs: dict[str, dict[str, Any]] = {}
        if key == REPORT:
            outputs = {name: {"word": self.line.words.get(name, self.line.word)} for name in names}
        return News(
            self.said + b"ended\n", {n: HostResult(s, s == "changed") for n, s in fate.items()}, outputs=outputs
        )


@contextmanager
def pretended() -> Iterator[Line]:
    """Replace all executors by one fake."""
    line = Line()
    with patch.dict("automation.executors.EXECUTORS", {"ansible": lambda: line}):
        yield line
