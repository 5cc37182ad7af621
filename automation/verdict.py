"""What an attempt came to, judged by the results per host and never by what the run printed (A35, F29)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext, gettext_noop

from automation.executors.base import HostResult
from automation.models.job import DONE, HostStatus
from automation.states import Outcome

TIMED_OUT = gettext_noop("The time limit was reached.")
OUT_OF_MEMORY = gettext_noop("The memory limit was reached: less output, fewer hosts at a time, or a higher limit.")
CUT_SHORT = gettext_noop("The run ended before it came to this host.")
NOT_REACHED = gettext_noop("Not reached.")
OWN_WORDS = frozenset({TIMED_OUT, OUT_OF_MEMORY, CUT_SHORT, NOT_REACHED})
MEMORY_CODE = 96  # by which an executor says that the run took more memory than a job may
LOST_FROM = 97  # exit codes from here on, and negative ones, mean that something ended the run from outside


@dataclass(frozen=True)
class Verdict:
    """An outcome and what became of each host."""

    outcome: str
    hosts: dict[str, HostResult]


@dataclass(frozen=True)
class Ending:
    """How the run ended. stopped: why it was asked to stop (cancelled or timed_out), or ""."""

    exit_code: int
    has_verdict: bool
    stopped: str = ""

    @property
    def is_out_of_memory(self) -> bool:
        """Whether it was ended for taking too much memory."""
        return self.exit_code == MEMORY_CODE and not self.has_verdict

    @property
    def is_lost(self) -> bool:
        """Whether nobody knows how far it came."""
        return not self.has_verdict and (self.exit_code >= LOST_FROM or self.exit_code < 0)


def judge(names: Iterable[str], results: Mapping[str, HostResult], ending: Ending) -> Verdict:
    """The verdict on these hosts. A host that was skipped or not reached is not done."""
    hosts = {name: _final(results.get(name), ending) for name in names}
    return Verdict(_outcome(hosts, ending), hosts)


def _outcome(hosts: dict[str, HostResult], ending: Ending) -> str:
    done = [result.status in DONE for result in hosts.values()]
    if ending.has_verdict and ending.exit_code == 0 and done and all(done):
        return Outcome.OK
    if ending.stopped:
        return ending.stopped
    if ending.is_out_of_memory:
        return Outcome.OUT_OF_MEMORY
    if ending.is_lost:
        return Outcome.UNKNOWN
    return Outcome.PARTIAL if any(done) else Outcome.FAILED


def _final(result: HostResult | None, ending: Ending) -> HostResult:
    """A host's own result where Ansible gave one, else what the ending makes of it."""
    if result is not None and result.status != HostStatus.RUNNING:
        return result
    known = result or HostResult(HostStatus.WAITING)
    if ending.stopped == Outcome.CANCELLED:
        return replace(known, status=HostStatus.CANCELLED)
    if ending.stopped == Outcome.TIMED_OUT:
        return replace(known, status=HostStatus.FAILED, message=TIMED_OUT)
    if ending.is_out_of_memory:
        return replace(known, status=HostStatus.FAILED, message=OUT_OF_MEMORY)
    if ending.is_lost:
        return replace(known, status=HostStatus.UNKNOWN)
    if not ending.has_verdict:
        return replace(known, status=HostStatus.FAILED, message=CUT_SHORT)
    return replace(known, status=HostStatus.SKIPPED, message=NOT_REACHED)


def in_words(message: str) -> str:
    """A host's message for people: ours in their language, a host's own as it is."""
    return gettext(message) if message in OWN_WORDS else message
