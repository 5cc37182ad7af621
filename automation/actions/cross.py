"""Checks across actions: a health check and a rollback must exist, fit the action, and form no cycle."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from automation.actions.document import Action
from automation.actions.problems import Problem
from automation.actions.schema import Validator
from automation.actions.steps import own_parameter
from templates_engine.findings.finding import suggest
from templates_engine.text import Text, both, localize

Known = Callable[[str], Action | None]
WIDER = {("integer", "number")}


def steps_of(action: Action) -> Iterator[tuple[str, dict[str, Any]]]:
    """(key, step) of the action's health check and rollback, if they are other actions."""
    if action.health_check is not None:
        yield "health_check", action.health_check
    if isinstance(action.rollback, dict):
        yield "rollback", action.rollback


def cross_problems(action: Action, known: Known, names: list[str]) -> Iterator[Problem]:
    """Problems of this action's steps. known: finds an action by key. names: all keys, for suggestions."""
    for key, step in steps_of(action):
        other = known(step["action"])
        if other is None:
            name, close = step["action"], suggest(step["action"], names)
            zh, en = f"没有动作 {name}。{localize(close, 'zh')}", f"there is no action {name}. {localize(close, 'en')}"
            yield f"{key}.action", both(zh, en.strip())
            continue
        if key == "health_check":
            yield from ((f"{key}.action", what) for what in unfit_check(action, other))
        if other.needs_targets and not action.needs_targets:
            yield f"{key}.action", both("需要主机，而本动作没有主机", "needs hosts, and this action has none")
        if other.risk == "high" and action.risk == "low":
            yield f"{key}.action", both("风险高于本动作", "is of high risk, and this action is of low risk")
        yield from _param_problems(action, other, step.get("params", {}), f"{key}.params")
    if _circle(action, known):
        yield "rollback", both("动作之间成环", "actions lead in a circle")


def unfit_check(action: Action, other: Action) -> Iterator[Text]:
    """Why `other` cannot be this action's health check: it must be read-only and use the same executor."""
    if not other.is_read_only:
        yield both("健康检查必须只读", "a health check must be read-only")
    if other.executor != action.executor:
        yield both(
            f"健康检查要用同一种执行方式 {action.executor}",
            f"a health check must use the same executor, {action.executor}",
        )


def _param_problems(action: Action, other: Action, params: Mapping[str, Any], path: str) -> Iterator[Problem]:
    wanted, own = other.params.get("properties", {}), action.params.get("properties", {})
    for name in other.params.get("required", []):
        if name not in params:
            yield f"{path}.{name}", both(f"{other.key} 要求这个参数", f"{other.key} requires this parameter")
    for name, value in params.items():
        here = f"{path}.{name}"
        source = own_parameter(value)
        if name not in wanted:
            yield here, both(f"{other.key} 没有这个参数", f"{other.key} has no such parameter")
        elif source is None:
            if not Validator(wanted[name]).is_valid(value):
                yield here, both(f"{other.key} 不接受这个值", f"{other.key} does not take this value")
        elif source not in own:
            yield here, both(f"本动作没有参数 {source}", f"this action has no parameter {source}")
        else:
            kinds = own[source].get("type"), wanted[name].get("type")
            may_lack = source not in action.params.get("required", []) and "default" not in own[source]
            if kinds[0] != kinds[1] and kinds not in WIDER:
                yield here, both(f"类型不符：{source} 是 {kinds[0]}", f"{source} is {kinds[0]}, not {kinds[1]}")
            elif name in other.params.get("required", []) and may_lack:
                yield here, both(f"{source} 可以不填", f"{source} may be left out, and {other.key} requires it")


def _circle(action: Action, known: Known) -> bool:
    """Whether following the steps leads back to this action."""
    seen: set[str] = set()
    waiting = [step["action"] for _key, step in steps_of(action)]
    while waiting:
        key = waiting.pop()
        if key == action.key:
            return True
        other = known(key) if key not in seen else None
        seen.add(key)
        waiting += [step["action"] for _key, step in steps_of(other)] if other else []
    return False
