"""Makes the plan of an automation node, with defaults filled in and hosts frozen (I15)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.organisation.people import PersonFacts
from automation.actions.batches import CONTINUE, STOP, is_batch
from automation.actions.document import Action
from automation.actions.steps import filled
from automation.hosts.targets import resolve
from automation.plans.steps import Findings, checked_step, follow_up, reach_faults, usable_action
from common.errors import Problem, finding
from templates_engine.nodes.automation import DRY_RUNS, dry_run_of
from templates_engine.program.rendering import AskedStep
from tickets.errors import PlanRefused
from tickets.models.content import Plan, PlanStep, Target
from tickets.trail.digests import plan_digest


def make_plan(
    node: str,
    asked: Sequence[AskedStep],
    hosts: list[str],
    *,
    in_stages: bool,
    not_before: datetime | None,
    batch: Any,
    on_failure: str | None,
    applicant: PersonFacts | None,
    dry_run: str | None,
    rollback: AskedStep | str | None,
) -> Plan:
    """The plan of one node. asked: its steps; in_stages: whether they are the node's `stages`. The rest, and what is
    raised: automation.adapters.planner."""
    where = f"plans.{node}"
    places = [f"{where}.stages[{index}]" for index in range(len(asked))] if in_stages else [where]
    steps, actions, wrong = _steps(asked, places, applicant)
    if not actions:
        raise PlanRefused(wrong)
    back, more = _way_back(actions[0], steps[0], rollback, f"{where}.rollback", applicant)
    wrong += more + reach_faults([*steps, *([back] if back else [])], f"{where}.action")
    needy = [one for one in actions if one.needs_targets]
    targets, site, unusable = resolve(
        hosts, f"{where}.targets", executor=(needy or actions)[0].executor, needed=bool(needy), applicant=applicant
    )
    batch = actions[0].batch if batch is None else batch
    wrong += [*_batching_faults(where, batch, on_failure), *unusable]
    if wrong:
        raise PlanRefused(wrong)
    plan = _begun(node, steps[0], targets, not_before, min(one.valid_days for one in actions))
    if batch is not None:
        plan["batch"] = batch
    if batch is not None or on_failure == CONTINUE:  # plans with neither keep the digest of earlier releases
        plan["on_failure"] = on_failure or STOP
    if site:
        plan["site"] = site
    if in_stages:
        plan["stages"] = steps
    elif "health_check" in steps[0]:
        plan["health_check"] = steps[0]["health_check"]
    if back:
        plan["rollback"] = back
    foreseen = max((dry_run_of(dry_run, one.dry_run) for one in actions), key=DRY_RUNS.index)
    if foreseen != "none" and targets:
        plan["dry_run"] = foreseen
    plan["digest"] = plan_digest(plan)
    return plan


def _begun(node: str, first: PlanStep, targets: list[Target], not_before: datetime | None, valid_days: int) -> Plan:
    """What every plan has; the digest is still empty."""
    return Plan(
        node=node,
        action=first["action"],
        version=first["version"],
        executor=first["executor"],
        params=first["params"],
        targets=targets,
        not_before=not_before.astimezone(UTC).isoformat() if not_before else None,
        valid_days=valid_days,
        digest="",
    )


def _steps(
    asked: Sequence[AskedStep], places: list[str], applicant: PersonFacts | None
) -> tuple[list[PlanStep], list[Action], Findings]:
    """The stages of a plan, their actions, and their problems. The actions are empty if one cannot be used."""
    steps, actions, wrong = [], [], []
    for one, place in zip(asked, places, strict=True):
        action, missing = usable_action(one.action, place, applicant)
        wrong += missing
        if action is not None:
            made, refused = checked_step(action, one.params, place, applicant, one.take)
            steps.append(made)
            actions.append(action)
            wrong += refused
    return steps, actions if len(actions) == len(asked) else [], wrong


def _way_back(
    action: Action, first: PlanStep, rollback: AskedStep | str | None, path: str, applicant: PersonFacts | None
) -> tuple[PlanStep | None, Findings]:
    if rollback is None:
        return None, []
    if isinstance(rollback, AskedStep):
        return follow_up(rollback.action, rollback.params, path, applicant)
    if not isinstance(action.rollback, dict):
        return None, [finding(path, "no_rollback", _("This action has no rollback of its own."))]
    return follow_up(action.rollback["action"], filled(action.rollback, first["params"]), path, applicant)


def _batching_faults(where: str, batch: Any, on_failure: str | None) -> list[Problem]:
    """Problems of batch and on_failure. The template's check normally reports them earlier."""
    found = []
    if batch is not None and not is_batch(batch):
        text = _("A batch is a number of hosts, a percentage such as 25%, or a list of those.")
        found.append(finding(f"{where}.batch", "bad_batch", text))
    if on_failure not in (None, STOP, CONTINUE):
        text = _("After a failure, a run can stop or continue.")
        found.append(finding(f"{where}.on_failure", "bad_on_failure", text))
    return found
