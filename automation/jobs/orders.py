"""An approved plan as the orders of its stages: what an executor gets, taken only from the plan that was signed."""

import hashlib
from dataclasses import replace

from automation.actions.batches import CONTINUE, STOP, is_batch
from automation.actions.document import Action
from automation.actions.files import SHORT, is_version
from automation.actions.library import action_of
from automation.actions.releasing import recall_note
from automation.executors.base import Order
from automation.jobs.signed import OtherAction, Recalled
from automation.jobs.stages import Stage
from automation.models import Job
from automation.plans.preview import steps_of
from tickets.commands.execution import Approved, ExecutionRefused
from tickets.models.content import PlanStep


def stages_of(job: Job, approved: Approved) -> tuple[Stage, ...]:
    """The stages that this attempt may run, taken only from the approved plan. Raises ExecutionRefused."""
    steps = [approved.plan["rollback"]] if approved.is_rollback else steps_of(approved.plan)
    return tuple(Stage(_order(job, approved, step, number), step) for number, step in enumerate(steps, 1))


def _order(job: Job, approved: Approved, step: PlanStep, number: int) -> Order:
    """The executor's order for one stage, with its health check. Raises ExecutionRefused."""
    plan, action = approved.plan, _kept(step)
    targets = [target for target in plan["targets"] if approved.hosts is None or target["name"] in approved.hosts]
    if not targets:
        raise ExecutionRefused("no_targets: none of the hosts is in the plan")
    batch, on_failure = plan.get("batch"), CONTINUE if approved.is_rollback else plan.get("on_failure", STOP)
    if batch is not None and not is_batch(batch):
        raise ExecutionRefused("bad_batch: the plan's batches cannot be read")
    order = Order(
        approved.number, job.attempt + 1, action, action.version, step["params"], targets, batch, on_failure,
        key=run_key(approved.release, number), whole=whole_of(approved), plan_hosts=plan["targets"], stage=number,
    )  # fmt: skip
    return replace(order, health_check=_check(order, step["health_check"])) if "health_check" in step else order


def _check(order: Order, step: PlanStep) -> Order:
    """The health check of this order; the run sets its hosts and key (executors.checked). Raises ExecutionRefused."""
    action = _kept(step)
    if not action.is_read_only:
        raise ExecutionRefused(f"bad_health_check: {action.key} changes something")
    return replace(
        order, action=action, version=action.version, params=step["params"], targets=(), batch=None, whole=(), key="",
        is_health_check=True,
    )  # fmt: skip


def _kept(step: PlanStep) -> Action:
    """The stored action of a step, in the approved version. Raises ExecutionRefused."""
    action = action_of(step)
    if action is not None and (note := recall_note(action.key, action.version)) is not None:
        raise Recalled(f"recalled_action: {action.key} {action.version[:SHORT]} was recalled: {note}")
    if action is None or not is_version(action.version, step["version"]) or action.executor != step["executor"]:
        raise OtherAction(f"changed_action: {step['action']} {step['version'][:SHORT]} is not kept here")
    return action


def run_key(release: str, stage: int) -> str:
    """The permanent key of a stage's run under one release: a worker that takes over computes the same key."""
    return f"{hashlib.sha256(release.encode()).hexdigest()[:40]}-{stage}"


def whole_of(approved: Approved) -> list[str]:
    """The hosts over which the batches of this run are counted, in the plan's order."""
    whole = approved.whole
    return [target["name"] for target in approved.plan["targets"] if whole is None or target["name"] in whole]
