"""The preview of a plan for approvers: one line for each action that may run, and the risk."""

from collections.abc import Sequence
from typing import Any

from automation.actions.library import library
from automation.actions.wording import filled
from tickets.models.content import Plan, PlanStep

TAKEN = "[{0}.{1}]"  # stage and output, for a value that is known only at run time


def steps_of(plan: Plan) -> list[PlanStep]:
    """The steps that the plan runs, in order: its stages, or its one action."""
    own = PlanStep(action=plan["action"], version=plan["version"], executor=plan["executor"], params=plan["params"])
    if "health_check" in plan:
        own["health_check"] = plan["health_check"]
    return plan.get("stages") or [own]


def commands(plan: Plan) -> list[dict[str, str]]:
    """One line for each stage, except for actions that are no longer stored."""
    return [line for line in map(_line, steps_of(plan)) if line]


def back_in_words(plan: Plan) -> dict[str, Any] | None:
    """{name, command} of the rollback, or None."""
    back = plan.get("rollback")
    return None if back is None else _in_words(back)


def checks_in_words(plan: Plan) -> list[dict[str, Any]]:
    """{name, command} of each health check: of the action or its stages, then of the rollback."""
    steps = [*steps_of(plan), *([plan["rollback"]] if "rollback" in plan else [])]
    return [_in_words(step["health_check"]) for step in steps if "health_check" in step]


def _in_words(one: PlanStep) -> dict[str, Any]:
    action, line = library().action(one["action"], one["version"]), _line(one)
    return {"name": action.name if action else one["action"], "command": [line] if line else []}


def with_checks(steps: Sequence[PlanStep]) -> list[PlanStep]:
    """These steps, each followed by its health check."""
    return [each for step in steps for each in (step, step.get("health_check")) if each is not None]


def may_run(plan: Any) -> list[PlanStep]:
    """Every step that an approval of this plan allows: its stages and its rollback, with their health checks."""
    return with_checks([*steps_of(plan), *([plan["rollback"]] if "rollback" in plan else [])])


def risk_of(plan: Plan) -> str:
    """The highest risk of all actions that may run; an action that is no longer stored counts as high."""
    actions = [library().action(one["action"], one["version"]) for one in may_run(plan)]
    return "high" if any(action is None or action.risk == "high" for action in actions) else "low"


def is_open(plan: Plan) -> bool:
    """Whether everyone who sees the ticket may read the file changes of its dry run; in doubt, no (I26)."""
    actions = [library().action(one["action"], one["version"]) for one in steps_of(plan)]
    return all(action is not None and action.diff == "everyone" for action in actions)


def _line(one: PlanStep) -> dict[str, str] | None:
    action = library().action(one["action"], one["version"])
    if action is None:
        return None
    return filled(action.command, shown_params(one))


def shown_params(one: PlanStep) -> dict[str, Any]:
    """The values of a step; for values from an earlier stage, a note of their source."""
    taken = {name: TAKEN.format(source["from"], source["output"]) for name, source in one.get("take", {}).items()}
    return {**one["params"], **taken}
