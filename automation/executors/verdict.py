"""The verdict on an attempt, from the results of its hosts and never from its printed output (A35, F29)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext, gettext_noop

from automation.executors.base import HostResult
from automation.executors.host_words import CHECKING, HOST_WORDS, UNHEALTHY, unhealthy, why_unhealthy
from automation.models.job import DONE, HostStatus
from automation.states import Outcome
from tickets.trail.shapes.runs import StageRan

TIMED_OUT = gettext_noop("The time limit was reached.")
OUT_OF_MEMORY = gettext_noop("The memory limit was reached: less output, fewer hosts at a time, or a higher limit.")
CUT_SHORT = gettext_noop("The run ended before it came to this host.")
NOT_REACHED = gettext_noop("Not reached.")
OWN_WORDS = frozenset({TIMED_OUT, OUT_OF_MEMORY, CUT_SHORT, NOT_REACHED}) | HOST_WORDS
MEMORY_CODE = 96  # exit code of an executor's run that used more memory than a job may
PAUSED = "paused"  # the result of an attempt that paused between two batches
LOST_FROM = 97  # exit codes from this one on, and negative ones: the run was ended from outside


@dataclass(frozen=True)
class RunEnd:
    """The result of one run of an attempt: an outcome, and host → status. stage: its stage in the plan, from 1."""

    stage: int
    is_health_check: bool
    outcome: str
    hosts: Mapping[str, str]


@dataclass(frozen=True)
class Verdict:
    """An outcome or PAUSED, and the result of each host. stages: the started ones, if the plan has several.

    handed: for each stage, its action's key and the outputs of its hosts (host → name → value), unchecked. runs: the
    result of each run, if there was more than one.
    """

    outcome: str
    hosts: dict[str, HostResult]
    stages: list[StageRan] = field(default_factory=list)
    handed: Sequence[tuple[str, Mapping[str, Mapping[str, Any]]]] = ()
    runs: Sequence[RunEnd] = ()


@dataclass(frozen=True)
class Ending:
    """How the run ended. stopped: why it was stopped (cancelled, timed_out, PAUSED), or "" if it was not."""

    exit_code: int
    has_verdict: bool
    stopped: str = ""

    @property
    def is_out_of_memory(self) -> bool:
        """Whether it was stopped because it used too much memory."""
        return self.exit_code == MEMORY_CODE and not self.has_verdict

    @property
    def is_lost(self) -> bool:
        """Whether it is unknown how far the run came."""
        return not self.has_verdict and (self.exit_code >= LOST_FROM or self.exit_code < 0)


def verdict_of(names: Iterable[str], results: Mapping[str, HostResult], ending: Ending) -> Verdict:
    """The verdict on these hosts. A host that was skipped or not reached is not done."""
    hosts = {name: _final(results.get(name), ending) for name in names}
    return Verdict(_outcome(hosts, ending), hosts)


def _outcome(hosts: dict[str, HostResult], ending: Ending) -> str:
    done = [result.status in DONE for result in hosts.values()]
    if ending.has_verdict and ending.exit_code == 0 and done and all(done):
        return Outcome.OK
    if any(result.status == HostStatus.UNKNOWN for result in hosts.values()):
        return Outcome.UNKNOWN
    if ending.stopped:
        return ending.stopped
    if ending.is_out_of_memory:
        return Outcome.OUT_OF_MEMORY
    if ending.is_lost:
        return Outcome.UNKNOWN
    return Outcome.PARTIAL if any(done) else Outcome.FAILED


def _final(result: HostResult | None, ending: Ending) -> HostResult:
    """A host's own final result if there is one, else the result that follows from the ending."""
    if result is not None and result.status != HostStatus.RUNNING:
        return result
    known = result or HostResult(HostStatus.WAITING)
    if ending.stopped == PAUSED:
        return known
    if ending.stopped == Outcome.CANCELLED:
        return replace(known, status=HostStatus.CANCELLED if result else HostStatus.NOT_REACHED)
    if ending.stopped == Outcome.TIMED_OUT:
        message = unhealthy(TIMED_OUT) if known.message == CHECKING else TIMED_OUT
        return replace(known, status=HostStatus.FAILED, message=message)
    if ending.is_out_of_memory:
        return replace(known, status=HostStatus.FAILED, message=OUT_OF_MEMORY)
    if ending.is_lost:
        return replace(known, status=HostStatus.UNKNOWN)
    if not ending.has_verdict:
        return replace(known, status=HostStatus.FAILED, message=CUT_SHORT)
    return replace(known, status=HostStatus.SKIPPED, message=NOT_REACHED)


def in_words(message: str) -> str:
    """A host's message for people: Baton's own messages are translated, a host's own are not changed."""
    why = why_unhealthy(message)
    if why is not None:
        return gettext(UNHEALTHY) % {"why": in_words(why)}
    return gettext(message) if message in OWN_WORDS else message
