"""自动化: runs what was approved."""

from collections.abc import Iterator

from templates_engine.findings.finding import Finding
from templates_engine.nodes.base import Context, NodeType
from templates_engine.nodes.params import check_step, looked_up
from templates_engine.nodes.rules import check_expression
from templates_engine.nodes.runs import PREVIOUS, steps_of, way_back
from templates_engine.nodes.targets import check_targets
from templates_engine.parts import Node
from templates_engine.ports import ActionInfo
from templates_engine.reading.shapes import EXPRESSION, Schema, mapping

BATCH: list[Schema] = [
    {"type": "integer", "minimum": 1, "maximum": 1000},
    {"type": "string", "pattern": r"\A([1-9][0-9]?|100)%\Z"},
]
DRY_RUNS = ("none", "offered", "required")  # from least to most strict
PARAMS: Schema = {"type": "object", "maxProperties": 50}
STAGES_MAX = 10
STEP = mapping({"action": {"type": "string"}}, {"params": PARAMS})


class Automation(NodeType):
    """One action on hosts, or several in stages. `targets`, `at` and every parameter are CEL expressions.

    A parameter that is not a string is taken literally; a CEL string literal is written as "'nginx'".
    batch: how many hosts at once, or a list with one size per step. on_failure: whether the rest runs after a failed
    batch.
    dry_run: whether people see the changes before they approve; never less strict than the action requires.
    stages: each runs on all hosts before the next starts; a later stage may use the outputs of earlier ones.
    rollback: how to undo it: `previous` is the action's own rollback, or another action.
    """

    name = "automation"
    optional = {
        "action": {"type": "string"},
        "targets": EXPRESSION,
        "params": PARAMS,
        "at": EXPRESSION,
        "batch": {"anyOf": [*BATCH, {"type": "array", "minItems": 1, "maxItems": 20, "items": {"anyOf": BATCH}}]},
        "on_failure": {"enum": ["stop", "continue"]},
        "rollback": {"if": {"type": "string"}, "then": {"enum": ["none", PREVIOUS]}, "else": STEP},
        "dry_run": {"enum": list(DRY_RUNS)},
        "stages": {"type": "array", "minItems": 2, "maxItems": STAGES_MAX, "items": STEP},
    }
    shape = ("[[", "]]")
    words = {
        "action": ("动作", "action"),
        "targets": ("目标", "targets"),
        "params": ("参数", "parameters"),
        "at": ("执行时间", "time to start"),
        "batch": ("分批", "batches"),
        "on_failure": ("失败时", "on failure"),
        "rollback": ("回滚", "rollback"),
        "dry_run": ("试运行", "dry run"),
        "stages": ("阶段", "stages"),
    }
    choices = {"on_failure": {"stop": ("停止", "stop"), "continue": ("继续", "continue")}}

    def check(self, node: Node, path: str, context: Context) -> Iterator[Finding]:
        """Check the action, its parameters and their types, targets, start time, dry run and rollback."""
        steps = steps_of(node)
        if not steps:
            yield Finding("missing_key", f"{path}.action", {"key": "action"})
            return
        if "stages" in node and ("action" in node or "params" in node):
            yield Finding("exactly_one", f"{path}.stages", {"keys": "action, stages"})
        actions = [context.actions.get(step["action"]) for _where, step in steps]
        for index, ((where, step), action) in enumerate(zip(steps, actions, strict=True)):
            yield from check_step(step, f"{path}{where}", action, actions[:index], context)
        yield from self._check_rollback(node, path, actions, context)
        needy = [action for action in actions if action is not None and action.needs_targets]
        if needy and "targets" not in node:
            yield Finding("missing_targets", f"{path}.targets", {"key": needy[0].key})
        if "targets" in node:
            yield from check_targets(node["targets"], f"{path}.targets", context)
        if "at" in node:
            yield from check_expression(node["at"], f"{path}.at", context, "TIMESTAMP", may_be_empty=True)
        if "dry_run" in node:
            yield from _check_dry_run(node["dry_run"], f"{path}.dry_run", [one for one in actions if one is not None])

    def _check_rollback(
        self, node: Node, path: str, actions: list[ActionInfo | None], context: Context
    ) -> Iterator[Finding]:
        """Findings for a rollback that cannot work: nothing to undo, a read-only action, or an unknown one."""
        here, back = f"{path}.rollback", way_back(node)
        if node.get("rollback", "none") == "none":
            return
        if all(action is not None and action.is_read_only for action in actions):
            yield Finding("nothing_to_roll_back", here)
        if back is not None:
            action = yield from looked_up(back, here, context)
            yield from check_step(back, here, action, [], context, is_known=True)
            if action is not None and action.is_read_only:
                yield Finding("rollback_changes_nothing", f"{here}.action", {"key": action.key})
        elif len(actions) > 1:
            yield Finding("rollback_of_stages", here)
        elif actions[0] is not None and not actions[0].has_rollback:
            yield Finding("no_rollback", here, {"key": actions[0].key})


def _check_dry_run(asked: str, path: str, actions: list[ActionInfo]) -> Iterator[Finding]:
    """Findings for a dry run that is required but not asked for, or asked for where no action can have one."""
    for action in actions:
        if action.dry_run == "required" and asked != "required":
            yield Finding("dry_run_required", path, {"key": action.key, "value": asked})
    if asked != "none" and actions and all(action.dry_run == "none" for action in actions):
        yield Finding("no_dry_run", path, {"key": ", ".join(one.key for one in actions), "value": asked})


def dry_run_of(asked: str | None, of_action: str) -> str:
    """The dry run that applies, from the node's setting (or None) and the action's requirement."""
    if asked is None or "none" in (of_action, asked):
        return of_action if of_action == "required" or asked is None else "none"
    return max(asked, of_action, key=DRY_RUNS.index)
