"""Fake runs, to test the code that runs batches one after another."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from automation import executors
from automation.actions.document import load_action
from automation.executors.base import Execution, HostResult, News, Order, Refused
from automation.executors.batched import BatchedExecution
from automation.executors.verdict import Ending, verdict_of

ACTION = load_action(Path(__file__).parent / "library" / "test.sleep")
NAMES = ["a", "b", "c", "d"]
TARGETS: Any = [{"name": name, "address": "", "connection": "local"} for name in NAMES]


@dataclass
class Pretended:
    """A run that ends at the second look. `fate`: host → status; "lost" ends it without a verdict."""

    order: Order
    fate: dict[str, str]
    exit_code: int | None = None
    has_verdict: bool = False
    began_at: float = 0.0
    looks: int = 0
    stops: int = 0
    exits: int = 0

    def __enter__(self) -> "Pretended":
        return self

    def __exit__(self, *details: object) -> None:
        self.exits += 1

    def renew(self) -> None:
        pass

    def stop(self) -> None:
        self.stops += 1

    def poll(self, timeout_s: float) -> News:
        self.looks += 1
        names = [target["name"] for target in self.order.targets]
        if self.looks == 1:
            return News(b"begun\n", {name: HostResult("running") for name in names})
        if self.exit_code is not None:
            return News(b"", {})
        if self.stops or "lost" in [self.fate.get(name) for name in names]:
            self.exit_code = 143 if self.stops else 137
            return News(b"", {})
        results = {name: HostResult(self.fate.get(name, "ok")) for name in names}
        self.exit_code = 0 if all(result.status == "ok" for result in results.values()) else 2
        self.has_verdict = True
        return News(b"ended\n", results)


@dataclass
class Stage:
    """Starts fake runs and stores them."""

    fate: dict[str, str] = field(default_factory=dict)
    refuse_from: int = 99
    runs: list[Pretended] = field(default_factory=list)
    check_fate: dict[str, str] = field(default_factory=dict)  # like fate, for health checks

    def start(self, order: Order) -> Any:
        if len(self.runs) >= self.refuse_from:
            raise Refused("The action has changed since it was approved.")
        self.runs.append(Pretended(order, self.check_fate if order.is_health_check else self.fate))
        return self.runs[-1]

    def checked(self, batch: Any = 1, on_failure: str = "stop", key: str = "") -> Execution:
        """An execution with a health check after each batch, or after all hosts if there are no batches."""
        order = Order("T-1", 1, ACTION, "v", {}, TARGETS, batch, on_failure, key=key)
        return executors.start(replace(order, health_check=replace(order, is_health_check=True)), self.start)

    def batched(self, batch: Any = 1, on_failure: str = "stop") -> BatchedExecution:
        return BatchedExecution(self.start, Order("T-1", 1, ACTION, "v", {}, TARGETS, batch, on_failure))

    def taken(self) -> list[list[str]]:
        return [[target["name"] for target in run.order.targets] for run in self.runs]


@dataclass
class Followed:
    """outcome and hosts as judged by the worker; messages: the reasons; text: the output."""

    outcome: str
    hosts: dict[str, str]
    messages: dict[str, str]
    text: str


def follow(execution: Execution, stop_at: int = -1, why: str = "") -> Followed:
    """Follow an execution like the worker."""
    results: dict[str, HostResult] = {}
    text, looks = b"", 0
    with execution:
        while True:
            ended = execution.exit_code is not None
            news = execution.poll(0)
            text, results = text + news.text, results | news.hosts
            if ended:
                break
            looks += 1
            assert looks < 50
            if looks == stop_at:
                execution.stop()
    verdict = verdict_of(NAMES, results, Ending(execution.exit_code, execution.has_verdict, why))
    hosts = {name: result.status for name, result in verdict.hosts.items()}
    messages = {name: result.message for name, result in verdict.hosts.items()}
    return Followed(verdict.outcome, hosts, messages, text.decode())
