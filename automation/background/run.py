"""Runs one attempt of a job, from claim to verdict. All effects on hosts go through an executor."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from automation.audit.recorded import Record
from automation.commands.by_hand import hand_to_people
from automation.commands.claim import Claim, claim
from automation.commands.finish import finish
from automation.commands.late_results import ask
from automation.commands.pulse import PulseReply, pulse
from automation.credentials.order_secrets import secrets_of, with_credentials
from automation.executors.base import Execution, HostResult, News, Refused
from automation.executors.batched import BatchedExecution
from automation.executors.following import follow, insist
from automation.executors.log_text import Cleaner, clean, own_secrets
from automation.executors.series import Series
from automation.executors.staged import StagedExecution
from automation.executors.verdict import PAUSED, Ending, Verdict, verdict_of
from automation.jobs import stages
from automation.jobs.unreachable import has_to_wait
from automation.journal import runs
from automation.journal.book import JournalUnusable
from automation.models.job import HostStatus
from automation.queries.by_hand import MANUAL
from automation.shells import enrolling
from automation.shells.enrolling import Handed
from automation.states import Outcome

logger = logging.getLogger("baton.automation")
MESSAGE_MAX = 1000

HANDED = "handed"  # the end in the journal of a manual job, which people now do


def run(job_id: int) -> None:
    """Run a due job, at most once per approval. May be called at any time: only one caller wins the claim."""
    if ask(job_id) or has_to_wait(job_id):  # the sweep rings again
        return
    try:
        claimed = claim(job_id)
    except JournalUnusable as error:  # the job keeps waiting: the sweep rings again until a person repairs it (I26)
        logger.error("journal.unusable", extra={"job": job_id, "error": str(error)})  # noqa: TRY400
        return
    if claimed is None:
        return
    logger.info("job.started", extra={"job": job_id, "attempt": claimed.attempt})
    if claimed.order.action.executor == MANUAL:
        insist(lambda: hand_to_people(claimed))
        _note_end(claimed, HANDED)
        return
    names = [target["name"] for target in claimed.order.targets]
    try:
        ready = [replace(stage, order=with_credentials(stage.order)) for stage in claimed.stages]
        secrets = {secret for stage in ready for secret in secrets_of(stage.order)}
        handing = stages.Handing(ready, [*own_secrets(), *secrets])
        record = Record(claimed.origin, claimed.attempt, insist)
        execution = stages.start(ready, handing, record.begin)
    except Refused as refused:
        hosts = {name: HostResult(HostStatus.SKIPPED) for name in names}
        text, verdict = f"Not started: {refused}\n", Verdict(Outcome.REFUSED, hosts)
    else:
        with execution:
            attempt = Attempt(claimed, execution, secrets)
            text, handed = attempt.follow(), attempt.handed()
            attempt.results |= insist(lambda: enrolling.unfit(handed, attempt.results))
            verdict = replace(verdict_of(names, attempt.results, attempt.ending()), handed=handed)
        verdict = replace(verdict, runs=record.ended(verdict))
        if isinstance(execution, StagedExecution):
            verdict = replace(verdict, stages=handing.for_trail(execution.begun))
    _note_end(claimed, verdict.outcome)
    settled = insist(lambda: finish(job_id, claimed.attempt, text, verdict))
    logger.info("job.ended", extra={"job": job_id, "outcome": verdict.outcome, "settled": settled})


def _note_end(claimed: Claim, outcome: str) -> None:
    """Write the end to the journal too. If the database loses it, the run is not mistaken for an interrupted one."""
    try:
        runs.end(claimed.entry, outcome)
    except JournalUnusable as error:
        logger.error("journal.unusable", extra={"job": claimed.job_id, "error": str(error)})  # noqa: TRY400


@dataclass
class Attempt:
    """A running execution, followed by the worker that claimed it. secrets: those it was given, masked in its log."""

    claim: Claim
    execution: Execution
    secrets: Collection[str] = ()
    results: dict[str, HostResult] = field(default_factory=dict)
    _outputs: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _stopped: str = ""
    _text: str = ""
    _fresh: dict[str, HostResult] = field(default_factory=dict)

    def follow(self) -> str:
        """Follow the run to its end, with a heartbeat each second. Returns the text that is not stored yet."""
        cleaner = Cleaner([*own_secrets(), *self.secrets])
        self._stopped = follow(
            self.execution, take=lambda news: self._take(news, cleaner), beat=self._beat, limit_s=self._limit_s
        )
        return self._text + cleaner.finish()

    def _limit_s(self) -> int:
        """The time limit of the current run."""
        execution = self.execution
        return execution.timeout_s if isinstance(execution, Series) else self.claim.order.action.timeout_s

    def ending(self) -> Ending:
        """How the execution ended; call it after the end."""
        code = self.execution.exit_code
        is_held = isinstance(self.execution, BatchedExecution) and self.execution.is_held
        stopped = self._stopped or (PAUSED if is_held else "")
        return Ending(code if code is not None else 1, self.execution.has_verdict, stopped)

    def handed(self) -> Handed:
        """The outputs of the hosts, for each stage: (action key, host → outputs)."""
        if isinstance(self.execution, StagedExecution):
            keys = [stage.order.action.key for stage in self.claim.stages]
            return list(zip(keys, self.execution.outputs, strict=False))
        return [(self.claim.order.action.key, self._outputs)]

    def _take(self, news: News, cleaner: Cleaner) -> None:
        self._text += cleaner.feed(news.text)
        for name, result in news.hosts.items():
            self._fresh[name] = replace(result, message=clean(result.message, MESSAGE_MAX, self.secrets))
        self.results |= self._fresh
        self._outputs |= news.outputs

    def _beat(self) -> str:
        word = pulse(self.claim.job_id, self.claim.attempt, self._text, self._fresh)
        self._text, self._fresh = "", {}
        if word not in (PulseReply.GO_ON, PulseReply.PAUSE):
            return Outcome.CANCELLED if word is PulseReply.CANCEL else Outcome.UNKNOWN
        self.execution.renew()
        if isinstance(self.execution, BatchedExecution):
            self.execution.hold(wanted=word is PulseReply.PAUSE)
        return ""
