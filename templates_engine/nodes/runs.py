"""Reads what an automation node runs: its action or its stages, and its rollback."""

from typing import Any, cast

from templates_engine.parts import Node, Step

PREVIOUS = "previous"


def steps_of(node: Node) -> list[tuple[str, Step | Node]]:
    """(path within the node, {action, params}) of every step that it runs, in order."""
    if "stages" in node:
        return [(f".stages[{index}]", stage) for index, stage in enumerate(node["stages"])]
    return [("", node)] if "action" in node else []


def way_back(node: Node) -> Step | None:
    """{action, params} of its rollback; None if it names no action."""
    rollback = node.get("rollback")
    return cast(Step, rollback) if isinstance(rollback, dict) else None


def sources_of(node: Node) -> list[Any]:
    """Every expression that decides what it runs, on which hosts, and the rollback."""
    steps = [step for _path, step in steps_of(node)]
    back = way_back(node)
    params = [source for step in (*steps, *([back] if back else [])) for source in step.get("params", {}).values()]
    return [node.get("targets"), *params]


def is_output(source: Any) -> bool:
    """Whether a parameter is an output of an earlier stage: {from: number of the stage, output: name}."""
    return isinstance(source, dict) and set(source) == {"from", "output"}
