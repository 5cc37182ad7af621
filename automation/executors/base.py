"""What an executor gets and must be able to do. It knows nothing of tickets, jobs or the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from automation.batches import STOP, Batch
from automation.registry import Action
from tickets.models.content import Target


@dataclass(frozen=True)
class Order:
    """One attempt, all of it from the approved plan. targets: the hosts of this attempt, never none.

    batch: in which portions they are taken, None for all at once; on_failure: what a failed batch means for the rest.
    """

    number: str
    attempt: int
    action: Action
    version: str
    params: dict[str, Any]
    targets: Sequence[Target]
    batch: Batch | None = None
    on_failure: str = STOP


@dataclass(frozen=True)
class HostResult:
    """What became of one host so far; status is one of automation.models.job.HostStatus."""

    status: str
    changed: bool = False
    message: str = ""


@dataclass(frozen=True)
class News:
    """What happened since the last look. text is raw: hostile until cleaned."""

    text: bytes
    hosts: dict[str, HostResult]


class Refused(Exception):
    """It will not be run, and nothing has been: the reason is for people."""


class Execution(Protocol):
    """One attempt under way. Leaving its `with` block ends every process it has."""

    exit_code: int | None  # None while it runs
    has_verdict: bool  # whether the final result of every host it reached is in

    @property
    def began_at(self) -> float:
        """By time.monotonic(): when what is under way now began; its time limit counts from there."""
        ...

    def look(self, timeout_s: float) -> News:
        """Wait for news, at most this long."""
        ...

    def renew(self) -> None:
        """Say that this worker is alive and still holds the job; without it the execution ends by itself."""
        ...

    def stop(self) -> None:
        """Ask it to end; keep looking until exit_code is there."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *details: object) -> None: ...


class Executor(Protocol):
    """Runs one kind of action."""

    def start(self, order: Order) -> Execution:
        """Begin. Raises Refused."""
        ...
