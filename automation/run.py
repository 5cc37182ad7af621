"""One attempt, from claim to verdict. Everything it does to the world goes through an executor."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from django.db import DatabaseError, connection

from automation import executors
from automation.commands.claim import Claim, claim
from automation.commands.finish import finish
from automation.commands.pulse import Word, pulse
from automation.executors.base import Execution, HostResult, News, Refused
from automation.journal import runs
from automation.journal.book import JournalUnusable
from automation.log_text import Cleaner, clean, own_secrets
from automation.models.job import HostStatus
from automation.states import Outcome
from automation.verdict import Ending, Verdict, judge

logger = logging.getLogger("baton.automation")
LOOK_S = 0.5
PULSE_S = 1.0
MESSAGE_MAX = 1000
PATIENCE_S = 10.0

T = TypeVar("T")


def run(job_id: int) -> None:
    """Run a due job, at most once per approval. Call it as often as you like: one caller wins the claim."""
    try:
        claimed = claim(job_id)
    except JournalUnusable as error:  # the job waits on: the sweep rings again until a person has mended it (I26)
        logger.error("journal.unusable", extra={"job": job_id, "error": str(error)})  # noqa: TRY400
        return
    if claimed is None:
        return
    logger.info("job.started", extra={"job": job_id, "attempt": claimed.attempt})
    names = [target["name"] for target in claimed.order.targets]
    try:
        execution = executors.start(claimed.order)
    except Refused as refused:
        hosts = {name: HostResult(HostStatus.SKIPPED) for name in names}
        text, verdict = f"Not started: {refused}\n", Verdict(Outcome.REFUSED, hosts)
    else:
        with execution:
            attempt = Attempt(claimed, execution)
            text, verdict = attempt.follow(), judge(names, attempt.results, attempt.ending())
    _note_end(claimed, verdict.outcome)
    settled = insist(lambda: finish(job_id, claimed.attempt, text, verdict))
    logger.info("job.ended", extra={"job": job_id, "outcome": verdict.outcome, "settled": settled})


def _note_end(claimed: Claim, outcome: str) -> None:
    """The journal has the end too, so that a run which the database forgot is not taken for one that was cut off."""
    try:
        runs.end(claimed.entry, outcome)
    except JournalUnusable as error:
        logger.error("journal.unusable", extra={"job": claimed.job_id, "error": str(error)})  # noqa: TRY400


@dataclass
class Attempt:
    """An execution under way, followed by the worker that claimed it."""

    claim: Claim
    execution: Execution
    results: dict[str, HostResult] = field(default_factory=dict)
    _stopped: str = ""
    _text: str = ""
    _fresh: dict[str, HostResult] = field(default_factory=dict)

    def follow(self) -> str:
        """Watch the run to its end, beating once a second; what is left of its text.

        A stop is asked for once. Where the database does not answer, the keeper's lease is not renewed, so
        the run ends by itself before anybody may call the job lost.
        """
        cleaner = Cleaner(own_secrets())
        limit_s = self.claim.order.action.timeout_s
        next_pulse = 0.0
        while True:
            ended = self.execution.exit_code is not None
            self._take(self.execution.look(LOOK_S), cleaner)
            if ended:
                return self._text + cleaner.finish()
            if time.monotonic() >= self.execution.began_at + limit_s:
                self._stop(Outcome.TIMED_OUT)
            if time.monotonic() >= next_pulse:
                self._beat()
                next_pulse = time.monotonic() + PULSE_S

    def ending(self) -> Ending:
        """How it ended, once it has."""
        code = self.execution.exit_code
        return Ending(code if code is not None else 1, self.execution.has_verdict, self._stopped)

    def _take(self, news: News, cleaner: Cleaner) -> None:
        self._text += cleaner.feed(news.text)
        for name, result in news.hosts.items():
            self._fresh[name] = replace(result, message=clean(result.message, MESSAGE_MAX))
        self.results |= self._fresh

    def _beat(self) -> None:
        try:
            word = pulse(self.claim.job_id, self.claim.attempt, self._text, self._fresh)
        except DatabaseError as error:
            logger.warning("job.pulse_missed", extra={"job": self.claim.job_id, "error": type(error).__name__})
            connection.close()
            return
        self._text, self._fresh = "", {}
        if word is Word.GO_ON:
            self.execution.renew()
        else:
            self._stop(Outcome.CANCELLED if word is Word.CANCEL else Outcome.UNKNOWN)

    def _stop(self, why: str) -> None:
        if not self._stopped:
            self._stopped = why
            self.execution.stop()


def insist(act: Callable[[], T]) -> T:
    """Do it, again and again for a while where the database is away; later the sweep calls the job lost."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return act()
        except DatabaseError:
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(LOOK_S)
