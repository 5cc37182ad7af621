"""The interface of executors: what they get and what they must do. It uses no tickets, jobs or database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Protocol, Self

from automation.actions.batches import STOP, Batch
from automation.actions.document import Action
from automation.actions.executors import ExecutorKind
from tickets.models.content import Target


class Mode(StrEnum):
    """The purpose of a run: change hosts, or predict the changes without making any."""

    RUN = "run"
    CHECK = "check"


@dataclass(frozen=True)
class Order:
    """One attempt, taken entirely from the approved plan. targets: the hosts of this attempt, at least one.

    batch: how the hosts are split, None for all at once; on_failure: what a failed batch means for the rest.
    whole: the names by which batches are numbered, if this attempt continues with some of them after a pause.
    mode: a real run or a dry run. key: identifies this one run, also after a crash, so that an executor can ask another
    system for its result and nothing is started twice; "" if no result will be asked for. credentials: name → its
    secret fields, only those that the action names. plan_hosts: all hosts of the plan; a step may be delegated to them
    (a load balancer), but nothing is run on them for their own sake; if empty, only the hosts in targets.
    health_check: the order that checks hosts on which this one is done; its targets are set then. stage: the number of
    its stage in the plan; is_health_check: whether it is that stage's health check.
    """

    number: str
    attempt: int
    action: Action
    version: str
    params: dict[str, Any]
    targets: Sequence[Target]
    batch: Batch | None = None
    on_failure: str = STOP
    mode: Mode = Mode.RUN
    key: str = ""
    whole: Sequence[str] = ()
    plan_hosts: Sequence[Target] = ()
    credentials: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    health_check: "Order | None" = None
    stage: int = 1
    is_health_check: bool = False


@dataclass(frozen=True)
class HostResult:
    """The result of one host so far; status is one of automation.models.job.HostStatus."""

    status: str
    changed: bool = False
    message: str = ""


@dataclass(frozen=True)
class Diff:
    """A change, predicted or made, on one host at one place (a file, a service, a package).

    path: ends with a slash for a folder. text: raw, a unified diff or a sentence; may hold secrets until cleaned.
    """

    host: str
    path: str
    text: str


@dataclass(frozen=True)
class News:
    """What happened since the last look. text is raw: untrusted until cleaned.

    diffs: changes, made or predicted. unforeseen: (host, step) that a dry run could not predict. outputs: host →
    name → value that the action hands to the next stage, unchecked.
    """

    text: bytes
    hosts: dict[str, HostResult]
    diffs: tuple[Diff, ...] = ()
    unforeseen: tuple[tuple[str, str], ...] = ()
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Refused(Exception):
    """The order will not be run and nothing has been run; the message gives people the reason."""


class Execution(Protocol):
    """One attempt in progress. Leaving its `with` block ends all its processes."""

    exit_code: int | None  # None while it runs
    has_verdict: bool  # whether the final result of every host it reached is in

    @property
    def began_at(self) -> float:
        """By time.monotonic(): when the current run began; its time limit counts from there."""
        ...

    def poll(self, timeout_s: float) -> News:
        """Wait for news, at most this long."""
        ...

    def renew(self) -> None:
        """Renew the worker's lease on the job; without it the execution ends by itself."""
        ...

    def stop(self) -> None:
        """Ask the run to end; keep calling `poll` until exit_code is set."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *details: object) -> None: ...


class Executor(ExecutorKind):
    """Runs one kind of action. is_traced: its runs leave records in another system, which `look_up` asks for the
    result of a run whose worker is gone."""

    is_traced: ClassVar[bool] = False

    def start(self, order: Order) -> Execution:
        """Begin. Raises Refused."""
        raise NotImplementedError

    def why_unreachable(self, credentials: Mapping[str, Mapping[str, str]]) -> str:
        """For executors that use another system: why nothing can begin now with these credentials (name → fields), ""
        if it can. A job waits until then (F27)."""
        raise NotImplementedError

    def look_up(self, order: Order) -> Mapping[str, HostResult] | None:  # noqa: ARG002 (for those that are traced)
        """The result of the run that began with this order's key, host by host, even if another worker began it.

        Unknown hosts are left out; None if this kind of run keeps no records. Never called for an order with batches:
        each batch is a run of its own. Raises Refused if the other system cannot be asked now.
        """
        return None
