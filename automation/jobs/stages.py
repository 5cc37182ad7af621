"""Passes values from one stage to the next. Values from hosts are hostile and are checked before use (A27).

A value is the same for the whole run: all hosts that give it must give the same one. It must match the earlier
action's declared outputs and the later action's parameters, be short, and contain no secret. Otherwise the run ends.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from automation import executors
from automation.actions.schema import findings
from automation.executors.base import Execution, Order, Refused
from automation.executors.log_text import MASK, clean
from automation.executors.series import Start
from automation.executors.staged import Outputs, StagedExecution
from automation.values import faults
from common.chain import canonical
from tickets.models.content import PlanStep
from tickets.trail.shapes.runs import StageRan

VALUE_MAX = 10_000  # characters of one value, as JSON
TOLD_MAX = 200


@dataclass(frozen=True)
class Stage:
    """One stage of an attempt. step: as signed. order: still without the values from earlier stages."""

    order: Order
    step: PlanStep


@dataclass
class Handing:
    """Makes the order of each later stage. took: stage number, from 1 → parameter → value that was used."""

    stages: Sequence[Stage]
    secrets: Collection[str]
    took: dict[int, dict[str, Any]] = field(default_factory=dict)

    def __call__(self, index: int, outputs: Sequence[Outputs]) -> tuple[Order, str]:
        """The order of the stage at this index, and a text for the log with the values it took. Raises Refused."""
        stage = self.stages[index]
        take = stage.step.get("take", {})
        order, taken = self._given(stage.order, stage.step, outputs)
        if order.health_check is not None:
            check, _same = self._given(order.health_check, stage.step["health_check"], outputs)
            order = replace(order, health_check=check)
        self.took[index + 1] = taken
        said = [f"{name} = {_short(value)} from stage {take[name]['from']}" for name, value in taken.items()]
        return order, f", {', '.join(said)}" if said else ""

    def _given(self, order: Order, step: PlanStep, outputs: Sequence[Outputs]) -> tuple[Order, dict[str, Any]]:
        """This order with the values from earlier stages, and these values. Raises Refused for unfit values."""
        taken = {name: self._value(source, outputs) for name, source in step.get("take", {}).items()}
        params = {**order.params, **taken}
        for wrong in findings(order.action.params, params, "params"):
            raise Refused(f"{order.action.key} does not take this: {wrong['path']}: {wrong['message']}")
        return replace(order, params=params), taken

    def _value(self, source: Mapping[str, Any], outputs: Sequence[Outputs]) -> Any:
        number, name = source["from"], source["output"]
        action = self.stages[number - 1].order.action
        said = {host: values[name] for host, values in outputs[number - 1].items() if name in values}
        if not said or name not in action.outputs:
            raise Refused(f"stage {number} ({action.key}) handed over no {name}")
        seen: dict[bytes, str] = {}
        for host, value in said.items():
            seen.setdefault(self._checked(value, f"{name} of stage {number}, from {host},"), host)
        if len(seen) > 1:
            each = " and ".join(f"{_short(said[host])} on {host}" for host in list(seen.values())[:2])
            raise Refused(f"hosts hand over different values of {name} in stage {number}: {each}")
        value = next(iter(said.values()))
        schema = {"type": "object", "properties": {name: action.outputs[name]}}
        for wrong in (*faults(value, name), *findings(schema, {name: value}, f"stage {number}")):
            raise Refused(f"{action.key} handed over what it does not declare: {wrong['path']}: {wrong['message']}")
        return value

    def _checked(self, value: Any, what: str) -> bytes:
        """A value in canonical form. Raises Refused if it is not plain JSON, is too long, or contains a secret."""
        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False)
            exact = canonical(value)
        except (ValueError, TypeError, RecursionError) as error:
            raise Refused(f"{what} is no plain value") from error
        if len(text) > VALUE_MAX:
            raise Refused(f"{what} is longer than {VALUE_MAX} characters")
        if MASK in text or any(secret in text for secret in self.secrets):
            raise Refused(f"{what} holds a secret: a secret is not handed on")
        return exact

    def for_trail(self, begun: int) -> list[StageRan]:
        """The stages that have started, for the audit trail: {stage, action, version, took: parameter → text}."""
        return [
            {
                "stage": number,
                "action": stage.step["action"],
                "version": stage.step["version"],
                "took": {name: _short(value, self.secrets) for name, value in self.took.get(number, {}).items()},
            }
            for number, stage in enumerate(self.stages[:begun], 1)
        ]


def _short(value: Any, secrets: Collection[str] = ()) -> str:
    return clean(json.dumps(value, ensure_ascii=False), TOLD_MAX, secrets)


def start(stages: Sequence[Stage], handing: Handing, begin: Start = executors.at_once) -> Execution:
    """Start an attempt of one or more stages. begin: starts each single run. Raises Refused."""

    def one(order: Order) -> Execution:
        return executors.start(order, begin)

    if len(stages) == 1:
        return one(stages[0].order)
    return StagedExecution(one, [stage.order for stage in stages], handing)
