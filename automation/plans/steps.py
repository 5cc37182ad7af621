"""Makes the steps of a plan, each one action with its values: the action or its stages, rollback, health checks."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.organisation.people import PersonFacts
from automation.actions.cross import unfit_check
from automation.actions.document import Action
from automation.actions.executors import kind_of
from automation.actions.library import library
from automation.actions.schema import findings, with_defaults
from automation.actions.steps import filled, taken
from automation.actions.usable import may_use_action
from automation.values import faults
from common.errors import Problem, finding
from templates_engine.text import localize
from tickets.models.content import PlanStep

Findings = list[Problem]
Take = Mapping[str, Mapping[str, Any]]


def step(action: Action, params: dict[str, Any], path: str, take: Take | None = None) -> tuple[PlanStep, Findings]:
    """The step of this action with defaults filled in, and the problems of its values; without its health check.

    take: the parameters that are filled at run time; they are checked then.
    """
    values = with_defaults(action.params, params)
    later = {f"{path}.params.{name}" for name in take or {}}
    for name in take or {}:
        values.pop(name, None)
    wrong = [*faults(values, f"{path}.params"), *findings(action.params, values, f"{path}.params")]
    made = PlanStep(action=action.key, version=action.version, executor=action.executor, params=values)
    if take:
        made["take"] = {name: {"from": source["from"], "output": source["output"]} for name, source in take.items()}
    return made, [found for found in wrong if not (found["code"] == "required" and found["path"] in later)]


def checked_step(
    action: Action, params: dict[str, Any], path: str, applicant: PersonFacts | None, take: Take | None = None
) -> tuple[PlanStep, Findings]:
    """The step of this action as `step` makes it, plus its health check if it has one."""
    made, wrong = step(action, params, path, take)
    if action.health_check is None:
        return made, wrong
    here = f"{path}.health_check"
    check, more = usable_action(action.health_check["action"], here, applicant)
    if check is None:
        return made, [*wrong, *more]
    unfit = [finding(f"{here}.action", "unfit_health_check", localize(what)) for what in unfit_check(action, check)]
    given = filled(action.health_check, made["params"])
    made["health_check"], refused = step(check, given, here, taken(action.health_check, take or {}))
    return made, [*wrong, *unfit, *refused]


def usable_action(key: str, path: str, applicant: PersonFacts | None) -> tuple[Action | None, Findings]:
    """The released version of this action, or None and why this applicant cannot use it."""
    action = library().action(key)
    if action is None:
        return None, [_absent(f"{path}.action", key)]
    if action.usable_by and not may_use_action(action.usable_by, applicant):
        text = _("You may not use this action. It is for: %(who)s.")
        who = ", ".join(rule if isinstance(rule, str) else ": ".join(*rule.items()) for rule in action.usable_by)
        return None, [finding(f"{path}.action", "action_not_for_you", text % {"who": who})]
    return action, []


def _absent(path: str, key: str) -> Problem:
    """Why there is no such action: it does not exist, or no version is released."""
    if library().is_known(key):
        text = _("No version of this action is released now. Ask those who manage actions.")
        return finding(path, "withdrawn_action", text)
    return finding(path, "unknown_action", _("There is no such action."))


def follow_up(
    key: str, params: dict[str, Any], path: str, applicant: PersonFacts | None
) -> tuple[PlanStep | None, Findings]:
    """The step of a rollback. None if this applicant cannot use the action."""
    action, wrong = usable_action(key, path, applicant)
    return (None, wrong) if action is None else checked_step(action, params, path, applicant)


def reach_faults(steps: list[PlanStep], path: str) -> Findings:
    """Problems of mixed executors: all steps run on the same hosts, so they must reach them in the same way.

    A manual action cannot be combined with other steps.
    """
    reached = {made["executor"]: made["action"] for made in steps if kind_of(made["executor"]).reaches_by}
    if len(reached) > 1:
        text = _("These actions reach hosts in different ways: %(actions)s. All of one plan must use one executor.")
        return [finding(path, "other_executor", text % {"actions": ", ".join(reached.values())})]
    if len(steps) > 1 and any(kind_of(made["executor"]).is_by_hand for made in steps):
        text = _("An action that people do by hand has no stages and no automatic rollback.")
        return [finding(path, "by_hand", text)]
    return []
