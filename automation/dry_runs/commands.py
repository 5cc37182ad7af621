"""Create, claim and follow dry runs. Lock order: the ticket first, then the dry run's row."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from automation.actions.document import Action
from automation.actions.files import SHORT, is_version
from automation.actions.library import action_of
from automation.actions.releasing import recall_note
from automation.audit import recording
from automation.clock import db_now
from automation.dry_runs.fair_turns import may_begin
from automation.executors.base import HostResult, Mode, Order
from automation.jobs.sites import queue_of
from automation.models.dry_run import OPEN, DryRun, DryRunHost, DryRunState
from automation.models.job import Job
from automation.plans.preview import steps_of
from common import doorbell
from tickets.audit.verify import breaks_of_content
from tickets.models import ContentVersion, Ticket
from tickets.models.content import Plan, PlanStep
from tickets.trail.digests import digest

logger = logging.getLogger("baton.automation")
Purpose = DryRun.Purpose
TRIES_MAX = 3
RING = "automation.dry_run"


def make(
    ticket: Ticket,
    content: ContentVersion,
    plan: Plan,
    *,
    purpose: str = Purpose.PLAN,
    job: Job | None = None,
    asked_by: User | None = None,
) -> DryRun | None:
    """Create a waiting dry run of this plan; None if one already waits or runs."""
    found, is_new = DryRun.objects.get_or_create(
        ticket=ticket,
        node=plan["node"],
        plan_digest=plan["digest"],
        purpose=purpose,
        state__in=OPEN,
        defaults={"content": content, "job": job, "asked_by": asked_by, "created_at": db_now(), "rung_at": db_now(),
                  "state": DryRunState.WAITING, "site": plan.get("site", "")},
    )  # fmt: skip
    if not is_new:
        return None
    DryRunHost.objects.bulk_create(DryRunHost(dry_run=found, name=target["name"]) for target in plan["targets"])
    ring(found.pk, found.site)
    return found


def ring(dry_run_id: int, site: str) -> None:
    """After commit, wake an executor of its site."""
    if site:
        doorbell.ring_at(queue_of(site), RING, dry_run_id)
    else:
        doorbell.ring(RING, dry_run_id)


def drop(**which: Any) -> None:
    """Drop dry runs that are no longer needed; a running one ends within a second."""
    DryRun.objects.filter(state__in=OPEN, **which).update(state=DryRunState.DROPPED, finished_at=Now())


@dataclass(frozen=True)
class Claim:
    """A dry run that this worker has claimed for one try.

    names: its hosts. orders: stage → its order, usually just one. why: the reason if it cannot be run.
    unforeseen: stages that cannot be predicted before the run, in words. firm: the first stage that changes
    something; up to it the hosts are in their real state, so a failure there is a real failure.
    """

    id: int
    attempt: int
    orders: dict[int, Order]
    names: tuple[str, ...] = ()
    why: str = ""
    unforeseen: tuple[str, ...] = ()
    firm: int = 1


@transaction.atomic
def claim(dry_run_id: int) -> Claim | None:
    """Claim a waiting one; None if there is nothing to claim, or if the person's quota is used up for now.

    The try is counted before it is made (F37).
    """
    waiting = DryRun.objects.select_related("content", "ticket").filter(
        pk=dry_run_id, state=DryRunState.WAITING, site=settings.SITE
    )
    row = waiting.select_for_update(of=("self",), skip_locked=True).first()
    if row is None or not may_begin(row):
        return None
    row.tries += 1
    row.state, row.started_at = DryRunState.RUNNING, db_now()
    row.heartbeat_at = row.started_at
    row.save(update_fields=["tries", "state", "started_at", "heartbeat_at"])
    plan = row.content.plans.get(row.node)
    try:
        steps = _steps_for(row, plan)
    except _Refused as refused:
        logger.error("dry_run.refused", extra={"dry_run": row.pk, "reason": str(refused)})  # noqa: TRY400
        return Claim(row.pk, row.tries, {}, why=str(refused))
    names = None if row.job is None or row.job.only is None else set(row.job.only)
    targets = [target for target in plan["targets"] if names is None or target["name"] in names]
    key = digest({"dry_run": row.pk, "try": row.tries})
    orders: dict[int, Order] = {}
    unforeseen: list[str] = []
    for number, (step, action) in enumerate(steps, 1):
        why = _why_not_foreseen(action, step) if len(steps) > 1 else ""
        if why:
            unforeseen.append(f"stage {number}, {action.key}: {why}")
        elif len(steps) == 1 or action.dry_run != "none":  # a read-only action has nothing to predict
            own = f"{key}-{number}" if len(steps) > 1 else key
            orders[number] = Order(
                row.ticket.number, row.tries, action, step["version"], step["params"], targets,
                mode=Mode.CHECK, key=own, stage=number,
            )  # fmt: skip
    for order in list(orders.values())[:1]:
        _record(row, order, row.started_at)
    hosts = tuple(target["name"] for target in targets)
    firm = next((number for number, (_step, action) in enumerate(steps, 1) if not action.is_read_only), len(steps))
    return Claim(row.pk, row.tries, orders, hosts, unforeseen=tuple(unforeseen), firm=firm)


def begin_stage(claimed: Claim, number: int) -> None:
    """Record that this stage begins; the claim records the first one."""
    if number != min(claimed.orders):
        _record(DryRun.objects.get(pk=claimed.id), claimed.orders[number], db_now())


def _record(row: DryRun, order: Order, at: datetime) -> None:
    recording.dry_begun(
        dry_run=row.pk, ticket=row.ticket_id, node=row.node, site=row.site, asked_by=row.asked_by_id, order=order, at=at
    )


def _why_not_foreseen(action: Action, step: PlanStep) -> str:
    """Why this stage's changes cannot be predicted before the run; "" if they can be tried."""
    if step.get("take"):
        return "takes what an earlier stage hands over"
    return "cannot be run dry" if action.dry_run == "none" and not action.is_read_only else ""


class _Refused(Exception):
    """This row must not reach an executor; the message says why."""


def _steps_for(row: DryRun, plan: Plan | None) -> list[tuple[PlanStep, Action]]:
    """The stages of this plan with their actions, after row and plan are checked against the trail. Raises _Refused.

    A dry run logs in to hosts with the real credentials: as for a real run, no row is trusted (I13, A31, A32).
    """
    if plan is None or plan["digest"] != row.plan_digest or plan.get("site", "") != row.site:
        raise _Refused("changed_plan: the dry run was made for another plan")
    if row.job is not None and (row.job.content_id, row.job.node) != (row.content_id, row.node):
        raise _Refused("changed_plan: the dry run was made for another job")
    for broken in breaks_of_content(row.ticket, row.content):
        raise _Refused(str(broken))
    return [(step, _kept(step)) for step in steps_of(plan)]


def _kept(step: PlanStep) -> Action:
    """The action of a step, in the version that the plan names. Raises _Refused."""
    action = action_of(step)
    if action is None or not is_version(action.version, step["version"]) or action.executor != step["executor"]:
        raise _Refused(f"changed_action: {step['action']} {step['version'][:SHORT]} is not kept here")
    if (note := recall_note(action.key, action.version)) is not None:
        raise _Refused(f"recalled_action: {action.key} {action.version[:SHORT]} was recalled: {note}")
    return action


def pulse(claimed: Claim, hosts: Mapping[str, HostResult]) -> bool:
    """Renew the heartbeat and store the progress; return whether to continue."""
    mine = DryRun.objects.filter(pk=claimed.id, tries=claimed.attempt, state=DryRunState.RUNNING)
    if not mine.update(heartbeat_at=Now()):
        return False
    for name, result in hosts.items():
        DryRunHost.objects.filter(dry_run=claimed.id, name=name).update(status=result.status, changed=result.changed)
    return True


def give_up(claimed: Claim) -> None:
    """Record that this try ended without a result that is still needed."""
    recording.dry_ended(dry_run=claimed.id, attempt=claimed.attempt, outcome=DryRunState.DROPPED, at=db_now())
