"""Checks the parameters of one automation step: expressions, fixed values, and outputs of earlier stages."""

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from templates_engine.findings.finding import Finding, suggest
from templates_engine.language.closed import Choice
from templates_engine.nodes.base import Context
from templates_engine.nodes.rules import check_expression
from templates_engine.nodes.runs import is_output
from templates_engine.parts import Node, Step
from templates_engine.ports import ActionInfo
from templates_engine.reading.shapes import check

CEL_NAMES = {
    "string": ("STRING",),
    "integer": ("INT",),
    "number": ("DOUBLE", "INT"),
    "boolean": ("BOOL",),
    "array": ("LIST",),
}


def looked_up(step: Step | Node, path: str, context: Context) -> Generator[Finding, None, ActionInfo | None]:
    """The action of a step; yields a finding if it is unknown."""
    action = context.actions.get(step["action"])
    if action is None:
        details = {"key": step["action"], "suggestion": suggest(step["action"], context.actions.keys())}
        yield Finding("unknown_action", f"{path}.action", details)
    return action


def check_step(
    step: Step | Node,
    path: str,
    action: ActionInfo | None,
    before: Sequence[ActionInfo | None],
    context: Context,
    *,
    is_known: bool = False,
) -> Iterator[Finding]:
    """The findings for a step's action and parameters. before: the actions of the stages before it.

    is_known: an unknown action has already been reported.
    """
    if action is None:
        if not is_known:
            yield from looked_up(step, path, context)
        return
    params, known = step.get("params", {}), action.params.get("properties", {})
    for name in action.params.get("required", []):
        if name not in params:
            yield Finding("missing_param", f"{path}.params.{name}", {"key": action.key, "param": name})
    for name, value in params.items():
        here = f"{path}.params.{name}"
        if name not in known:
            yield Finding("unknown_key", here, {"key": name, "suggestion": suggest(name, list(known))})
        elif before and is_output(value):
            yield from _check_output(value, here, known[name], before)
        elif isinstance(value, str):
            yield from check_expression(value, here, context, *CEL_NAMES.get(known[name].get("type"), ()))
            choice = Choice(tuple(known[name]["enum"])) if "enum" in known[name] else None
            yield from context.expressions.checker.answers(value, here, choice, name)
        else:
            yield from check(value, known[name], here)


def _check_output(
    source: dict[str, Any], path: str, wanted: dict[str, Any], before: Sequence[ActionInfo | None]
) -> Iterator[Finding]:
    """Findings for an output that no earlier stage has, or that has another type."""
    number = source["from"]
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= len(before):
        yield Finding("no_such_stage", f"{path}.from", {"limit": len(before)})
        return
    action = before[number - 1]
    if action is None:
        return
    given = action.outputs.get(source["output"]) if isinstance(source["output"], str) else None
    if given is None:
        details = {"key": source["output"], "action": action.key, "suggestion": suggest_output(source, action)}
        yield Finding("no_such_output", f"{path}.output", details)
    elif not _fits(given.get("type"), wanted.get("type")):
        yield Finding("other_type", path, {"given": given.get("type", "any"), "wanted": wanted.get("type", "any")})


def suggest_output(source: dict[str, Any], action: ActionInfo) -> Any:
    """A similar output name, if there is one."""
    return suggest(str(source["output"]), list(action.outputs))


def _fits(given: Any, wanted: Any) -> bool:
    return wanted is None or given == wanted or (given, wanted) == ("integer", "number")
