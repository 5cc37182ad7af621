"""What people see of dry runs: the newest of a plan, its progress, and the predicted changes per host."""

from collections.abc import Collection
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext, gettext_noop

from automation.dry_runs.result import BROKEN, GAVE_UP, HIDDEN
from automation.executors.verdict import OWN_WORDS
from automation.models.dry_run import DryRun, DryRunState
from automation.models.job import HostStatus, Job
from automation.plans.preview import is_open
from templates_engine.program.program import Program
from tickets.models.content import Plan
from tickets.queries.hidden import runs_with, tells

Purpose = DryRun.Purpose
NOT_YOURS = gettext_noop("Only the approvers and operators may see what would change here.")
OURS = OWN_WORDS | {BROKEN, GAVE_UP, HIDDEN, NOT_YOURS}


def last_runs(**which: Any) -> list[DryRun]:
    """The newest dry run of each node that was not dropped, with its progress. One query."""
    ended = Q(hosts__isnull=False) & ~Q(hosts__status__in=[HostStatus.WAITING, HostStatus.RUNNING])
    kept = DryRun.objects.filter(**which).exclude(state=DryRunState.DROPPED).distinct("node").order_by("node", "-pk")
    counted = DryRun.objects.filter(pk__in=kept.values("pk"))
    return list(counted.annotate(total=Count("hosts"), ended=Count("hosts", filter=ended)))


def dry_runs_of(ticket_id: int) -> dict[str, dict[str, Any]]:
    """Node → the newest dry run of its plan, as the ticket shows it."""
    return {run.node: state_of(run) for run in last_runs(ticket=ticket_id, purpose=Purpose.PLAN)}


def state_of(run: Any) -> dict[str, Any]:
    """{plan, state, digest, summary, words, message, progress {done, total}, finished_at}."""
    has_result = run.state in (DryRunState.DONE, DryRunState.FAILED)
    return {
        "plan": run.plan_digest,
        "state": run.state,
        "digest": run.digest,
        "summary": run.summary if has_result else None,
        "words": run.words if has_result else "",
        "message": in_words(run.message),
        "progress": {"done": run.ended, "total": run.total},
        "finished_at": run.finished_at,
    }


def last_of_job(job: Job) -> DryRun | None:
    """The newest dry run of the job's plan, for any purpose."""
    mine = Q(job=job) | Q(purpose=Purpose.PLAN, ticket=job.ticket_id, node=job.node)
    runs = DryRun.objects.filter(mine, plan_digest=job.plan_digest).exclude(state=DryRunState.DROPPED)
    ended = ~Q(hosts__status__in=[HostStatus.WAITING, HostStatus.RUNNING])
    return runs.annotate(total=Count("hosts"), ended=Count("hosts", filter=ended)).order_by("-pk").first()


def last_of_plan(ticket_id: int, node: str, plan_digest: str) -> DryRun | None:
    """The newest dry run of this plan that was not dropped."""
    return next(iter(last_runs(ticket=ticket_id, node=node, plan_digest=plan_digest, purpose=Purpose.PLAN)), None)


def diff_of(
    run: DryRun | None, program: Program, plan: Plan, hidden: Collection[str], *, sees_contents: bool
) -> dict[str, Any]:
    """{state, digest, summary, words, message, hosts: [{name, status, changed, message, items, unforeseen}]}.

    hidden: the fields that the reader may not see; if the plan uses their values, the details are left out (I23).
    sees_contents: whether the reader may see file contents; otherwise only for actions that allow no choice of file.
    """
    if run is None:
        return {"state": "none", "digest": "", "summary": None, "words": "", "message": "", "hosts": []}
    automation = program.node(plan["node"])
    shown = {key: value for key, value in state_of(run).items() if key in ("state", "digest", "summary", "words")}
    if tells(automation.get("targets"), hidden):
        return shown | {"summary": None, "words": "", "message": "", "hosts": []}
    hosts = list(run.hosts.order_by("pk").values("name", "status", "changed", "message", "items", "unforeseen"))
    if runs_with(automation, hidden):
        withheld = gettext("Not shown: the predicted changes may contain values that are hidden from you.")
        hosts = [{**host, "message": "", "items": [], "unforeseen": []} for host in hosts]
        return shown | {"message": withheld, "hosts": hosts}
    is_shown = sees_contents or is_open(plan)
    for host in hosts:
        host["message"] = in_words(host["message"])
        told = [item["diff"] if is_shown else NOT_YOURS for item in host["items"]]
        host["items"] = [{**item, "diff": in_words(diff)} for item, diff in zip(host["items"], told, strict=True)]
    return shown | {"message": in_words(run.message), "hosts": hosts}


def in_words(message: str) -> str:
    """Translate Baton's own messages; leave all others as they are."""
    return gettext(message) if message in OURS else message
