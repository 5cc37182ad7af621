"""Record the runs of an attempt: each before it begins, and the result of each at the end (S11).

The first run of an attempt is recorded by the claim that begins it. Later stages and health checks begin in between:
if they cannot be recorded, or another worker has the job by then, they do not begin.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from django.db import DatabaseError, transaction

from automation import executors
from automation.audit import recording
from automation.audit.recording import Origin
from automation.clock import db_now
from automation.executors.base import Execution, HostResult, News, Order, Refused
from automation.executors.verdict import RunEnd, Verdict
from automation.models import Job
from automation.models.job import DONE, UNDER_WAY, HostStatus
from automation.states import JobState, Outcome

Part = tuple[int, bool]  # stage, and whether it is its health check
CLAIMED: Part = (1, False)  # recorded by the claim, with all its hosts
ORDINARY = frozenset({Outcome.OK, Outcome.PARTIAL, Outcome.FAILED})
NOT_WRITTEN = "The database does not answer, so nothing more was begun."
NOT_MINE = "The job is no longer this worker's, so nothing more was begun."


@dataclass
class Record:
    """Begins every single run of one attempt. insist: repeats a call while the database is unreachable."""

    origin: Origin
    attempt: int
    insist: Callable[[Callable[[], None]], None]
    results: dict[Part, dict[str, HostResult]] = field(default_factory=dict)

    def begin(self, order: Order) -> Execution:
        """Begin one run. Raises Refused."""
        part = (order.stage, order.is_health_check)
        if part != CLAIMED:
            self._write(order, part)
        results = self.results.setdefault(part, {})
        results.update({target["name"]: HostResult(HostStatus.RUNNING) for target in order.targets})
        return RecordedExecution(executors.at_once(order), results)

    def _write(self, order: Order, part: Part) -> None:
        """Record the run, or the hosts of another batch; the first run of a stage also ends the stages before it."""
        before = [] if part in self.results else [each for each in self.results if each[0] < order.stage]
        over = [RunEnd(*each, _outcome(self.results[each], ""), _statuses(self.results[each])) for each in before]
        try:
            self.insist(lambda: self._store(order, over))
        except DatabaseError as error:
            raise Refused(NOT_WRITTEN) from error

    @transaction.atomic
    def _store(self, order: Order, over: Sequence[RunEnd]) -> None:
        job, at = self.origin.job, db_now()
        mine = Job.objects.select_for_update().filter(pk=job, attempt=self.attempt, state=JobState.RUNNING)
        if mine.first() is None:
            raise Refused(NOT_MINE)
        for run in over:
            recording.run_ended(job=job, attempt=self.attempt, run=run, at=at)
        recording.begun(self.origin, order, at)

    def ended(self, verdict: Verdict) -> tuple[RunEnd, ...]:
        """The result of each run, if there was more than one; for a single run, the job has the whole result."""
        if len(self.results) < 2:
            return ()
        found = []
        for part, results in self.results.items():
            names = verdict.hosts if part == CLAIMED else results
            whole = {name: _final(results.get(name), verdict.hosts.get(name)) for name in names}
            found.append(RunEnd(*part, _outcome(whole, verdict.outcome), _statuses(whole)))
        return tuple(found)


def _final(own: HostResult | None, of_job: HostResult | None) -> HostResult:
    """The result of a host in one run; if the run has none, the job's result is used."""
    if own is not None and own.status not in UNDER_WAY:
        return own
    return of_job or HostResult(HostStatus.UNKNOWN)


def _statuses(results: Mapping[str, HostResult]) -> dict[str, str]:
    return {
        name: HostStatus.NOT_REACHED if result.status == HostStatus.WAITING else result.status
        for name, result in results.items()
    }


def _outcome(results: Mapping[str, HostResult], of_job: str) -> str:
    """The outcome of a run; if the job was ended from outside, the job's outcome."""
    done = [result.status in DONE for result in results.values()]
    if done and all(done):
        return Outcome.OK
    if of_job and of_job not in ORDINARY:
        return of_job
    return Outcome.PARTIAL if any(done) else Outcome.FAILED


class RecordedExecution:
    """A run in progress, whose results are kept as they arrive."""

    def __init__(self, execution: Execution, results: dict[str, HostResult]) -> None:
        self.exit_code: int | None = None
        self.has_verdict = False
        self._execution, self._results = execution, results

    def __enter__(self) -> Self:
        self._execution.__enter__()
        return self

    def __exit__(self, *details: object) -> None:
        self._execution.__exit__(*details)

    @property
    def began_at(self) -> float:
        """The execution's start time."""
        return self._execution.began_at

    def renew(self) -> None:
        """Renew its lease."""
        self._execution.renew()

    def stop(self) -> None:
        """Ask it to end."""
        self._execution.stop()

    def poll(self, timeout_s: float) -> News:
        """Its news."""
        news = self._execution.poll(timeout_s)
        self._results.update(news.hosts)
        self.exit_code, self.has_verdict = self._execution.exit_code, self._execution.has_verdict
        return news
