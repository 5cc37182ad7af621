"""One try of a dry run, from claim to result. A host's output is untrusted and decides nothing (A35, B7)."""

import logging
from dataclasses import replace
from functools import partial

from automation import executors
from automation.actions.library import action_of
from automation.credentials import secrets_in
from automation.credentials.order_secrets import with_credentials
from automation.dry_runs.commands import Claim, begin_stage, claim, give_up, pulse
from automation.dry_runs.ending import settle
from automation.dry_runs.result import BROKEN, Gathered, Result, result_of
from automation.executors.base import Execution, HostResult, News, Order, Refused
from automation.executors.following import follow, insist
from automation.executors.log_text import own_secrets
from automation.executors.verdict import TIMED_OUT, Ending, Verdict, verdict_of
from automation.jobs.unreachable import why_unreachable
from automation.models.dry_run import DryRun, DryRunState
from automation.models.job import DONE, HostStatus
from automation.plans.preview import steps_of
from automation.states import Outcome

logger = logging.getLogger("baton.automation")


def run(dry_run_id: int) -> None:
    """Run a waiting dry run. It may be called any number of times: only one caller gets the claim.

    If the system it needs is unreachable, it keeps waiting and no try is counted: the sweep rings again (F27).
    """
    if _is_unreachable(dry_run_id):
        return
    claimed = claim(dry_run_id)
    if claimed is None:
        return
    logger.info("dry_run.started", extra={"dry_run": claimed.id, "attempt": claimed.attempt})
    result = _result(claimed)
    settled = result is not None and insist(lambda: settle(claimed, result))
    if not settled:
        insist(lambda: give_up(claimed))
    if result is not None:
        logger.info("dry_run.ended", extra={"dry_run": claimed.id, "good": result.is_good, "settled": settled})


def _is_unreachable(dry_run_id: int) -> bool:
    """Whether the system that its plan needs cannot be reached now."""
    row = DryRun.objects.filter(pk=dry_run_id, state=DryRunState.WAITING).select_related("content").first()
    plan = row.content.plans.get(row.node) if row else None
    found = (why_unreachable(action_of(step)) for step in steps_of(plan)) if plan else ()
    reason = next(filter(None, found), "")
    if reason:
        logger.warning("dry_run.waits", extra={"dry_run": dry_run_id, "reason": reason})
    return bool(reason)


def _result(claimed: Claim) -> Result | None:
    """The result; None if it is no longer needed.

    With stages, the earlier ones have not really run when a later one is tried: a failure after a stage that changes
    something says nothing, and counts as not predictable.
    """
    if claimed.why:
        return result_of(Gathered((), ()), {}, is_good=False, message=claimed.why)
    names = claimed.names
    try:
        orders = {number: with_credentials(order) for number, order in claimed.orders.items()}
    except Refused as refused:
        return _refused(Gathered(names, own_secrets()), refused)
    secrets = {secret for order in orders.values() for secret in secrets_in(order.credentials)}
    gathered = Gathered(names, [*own_secrets(), *secrets])
    gathered.take(News(b"", {}, unforeseen=tuple((name, why) for name in names for why in claimed.unforeseen)))
    whole = Verdict(Outcome.OK, {name: HostResult(HostStatus.OK) for name in names})
    message = ""
    for number, order in orders.items():
        gathered.hosts.clear()
        insist(partial(begin_stage, claimed, number))
        try:
            tried = _try(claimed, order, gathered)
        except Refused as refused:
            return _refused(gathered, refused)
        if tried is None:
            return None
        verdict, said = tried
        if number <= claimed.firm or verdict.outcome == Outcome.OK:
            whole, message = _both(whole, verdict), said
        else:
            whole = _both(whole, _not_foreseen(number, order, gathered, verdict, said))
        if whole.outcome != Outcome.OK:
            break
    return result_of(gathered, whole.hosts, is_good=whole.outcome == Outcome.OK, message=message)


def _refused(gathered: Gathered, refused: Refused) -> Result:
    hosts = {name: HostResult(HostStatus.SKIPPED) for name in gathered.names}
    return result_of(gathered, hosts, is_good=False, message=str(refused))


def _try(claimed: Claim, order: Order, gathered: Gathered) -> tuple[Verdict, str] | None:
    """Run one stage; return its verdict and a message if it failed. None if it was cancelled. Raises Refused."""
    execution = executors.start(order)
    with execution:
        stopped = _follow(claimed, order, execution, gathered)
        if stopped == Outcome.CANCELLED:
            return None
        code = execution.exit_code
        ending = Ending(code if code is not None else 1, execution.has_verdict, stopped)
    verdict = verdict_of(gathered.names, gathered.hosts, ending)
    message = "" if verdict.outcome == Outcome.OK else TIMED_OUT if stopped else BROKEN if ending.is_lost else ""
    return verdict, message


def _both(one: Verdict, other: Verdict) -> Verdict:
    """The result of two stages together: a host is changed if either stage changes it."""
    hosts = {name: _worse(one.hosts[name], result) for name, result in other.hosts.items()}
    return Verdict(other.outcome, hosts)


def _worse(one: HostResult, other: HostResult) -> HostResult:
    changed = one.changed or other.changed
    if other.status not in DONE:
        return replace(other, changed=changed)
    return replace(other, status=HostStatus.CHANGED if changed else HostStatus(other.status), changed=changed)


def _not_foreseen(number: int, order: Order, gathered: Gathered, verdict: Verdict, said: str) -> Verdict:
    """A later stage failed in a dry run: note it host by host, and do not count it as a failure."""
    hosts, steps = {}, []
    for name, result in verdict.hosts.items():
        hosts[name] = HostResult(HostStatus.OK, result.changed) if result.status not in DONE else result
        if result.status not in DONE:
            steps.append((name, f"stage {number}, {order.action.key}: {result.message or said or result.status}"))
    gathered.take(News(b"", {}, unforeseen=tuple(steps)))
    return Verdict(Outcome.OK, hosts)


def _follow(claimed: Claim, order: Order, execution: Execution, gathered: Gathered) -> str:
    """Watch it to its end; return why it was stopped, or ""."""
    fresh: dict[str, HostResult] = {}

    def take(news: News) -> None:
        fresh.update(gathered.take(news))

    def beat() -> str:
        if not pulse(claimed, fresh):
            return Outcome.CANCELLED
        fresh.clear()
        execution.renew()
        return ""

    return follow(execution, take=take, beat=beat, limit_s=lambda: order.action.timeout_s)
