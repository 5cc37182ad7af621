"""Conditions tried at every point that can make a difference, by the engine that runs them later."""

from dataclasses import dataclass, field
from itertools import product
from typing import Any

from cel_expr_python import cel

from templates_engine.expressions import FACTS, Expressions
from templates_engine.proofs import domains
from templates_engine.proofs.base import Assumption
from templates_engine.proofs.domains import Sample, TooMany
from templates_engine.proofs.reading import NotUnderstood, Uses, uses

MOST_POINTS = 4096
MOST_EVALUATIONS = 100_000  # of one document: about two seconds


@dataclass
class Taken:
    """What was seen. sure: False where nothing can be said.

    ways: case → how often it was taken; hidden: case → the earlier cases that were taken instead where it is true;
    unguarded: (case, keys) of conditions that read what does not exist.
    """

    sure: bool = False
    ways: set[int] = field(default_factory=set)
    hidden: dict[int, set[int]] = field(default_factory=dict)
    unguarded: dict[int, set[str]] = field(default_factory=dict)


class Table:
    """Conditions over the points of a few variables."""

    def __init__(self, expressions: Expressions, budget: list[int]) -> None:
        self.expressions = expressions
        self.fields = expressions.fields
        self.variables = expressions.variables
        self.budget = budget
        self.kinds = {
            name: domains.kind_of(kind, self.fields.get(name.removeprefix("form.")) if "form." in name else None)
            for name, kind in self.variables.items()
        }
        self.kinds |= {"ticket.priority": "choice", "filled": "other"}

    def walk(self, conditions: list[str | None], assumed: tuple[Assumption, ...]) -> Taken | None:
        """Which cases are taken, over every point at which the assumptions hold; None where it cannot be said."""
        try:
            used = [self._uses(source) for source in conditions]
            known = [(source, wanted) for source, wanted in assumed if self._uses(source) is not None]
            whole = self._merged([*used, *(self._uses(source) for source, _wanted in known)])
            samples = {name: self._samples(name, uses) for name, uses in whole.items()}
        except TooMany:
            return None
        size = 1
        for values in samples.values():
            size *= len(values)
        cost = size * (len(conditions) + len(known))
        if size > MOST_POINTS or cost > self.budget[0]:
            return None
        self.budget[0] -= cost
        return self._walk(conditions, used, known, samples)

    def _walk(
        self,
        conditions: list[str | None],
        used: list[dict[str, Uses] | None],
        known: list[Assumption],
        samples: dict[str, list[Sample]],
    ) -> Taken:
        env = cel.NewEnv(variables={"filled": FACTS["filled"]} | {name: self.variables[name] for name in samples})
        understood = [index for index, uses in enumerate(used) if uses is not None]
        compiled = {index: env.compile(conditions[index] or "true") for index in understood}
        context = [(env.compile(source), wanted) for source, wanted in known]
        taken = Taken()
        for point in product(*samples.values()):
            data = _data(dict(zip(samples, point, strict=True)))
            if any(_truth(expression, data) is not wanted for expression, wanted in context):
                continue
            taken.sure = True
            first: int | None = None
            for index in range(len(conditions)):
                if index not in compiled:
                    if first is None:
                        taken.ways.add(index)  # it may be true here
                    continue
                if first is not None and index in taken.ways:
                    continue
                truth = _truth(compiled[index], data)
                if truth is None and first is None:
                    self._note(taken, index, used[index] or {}, dict(zip(samples, point, strict=True)))
                if truth and first is None:
                    first = index
                    taken.ways.add(index)
                elif truth and first is not None:
                    taken.hidden.setdefault(index, set()).add(first)
        return taken

    def _note(self, taken: Taken, index: int, used: dict[str, Uses], point: dict[str, Sample]) -> None:
        """A condition that could not be evaluated: it read what is absent."""
        taken.ways.add(index)  # it is named already; whether it is ever true does not matter then
        absent = {name.partition(".")[2] for name in used if point[name].absent}
        taken.unguarded.setdefault(index, set()).update(absent)

    def _uses(self, source: str | None) -> dict[str, Uses] | None:
        if source is None:
            return {}
        try:
            found = uses(source, self.kinds)
        except NotUnderstood:
            return None
        known = set(found) <= set(self.variables) and not self.expressions.check(source, "", "BOOL")
        return found if known else None

    @staticmethod
    def _merged(parts: list[dict[str, Uses] | None]) -> dict[str, Uses]:
        whole: dict[str, Uses] = {}
        for part in parts:
            for name, found in (part or {}).items():
                whole.setdefault(name, Uses()).add(found)
        return whole

    def _samples(self, name: str, uses: Uses) -> list[Sample]:
        prefix, _dot, key = name.partition(".")
        return domains.of_field(self.fields[key], uses) if prefix == "form" else domains.of_fact(name, uses)


def _data(point: dict[str, Sample]) -> dict[str, Any]:
    data = {name: sample.value for name, sample in point.items() if not sample.absent and sample.value is not None}
    is_form = [
        name.removeprefix("form.") for name, sample in point.items() if name.startswith("form.") and sample.filled
    ]
    return data | {"filled": is_form}


def _truth(expression: Any, data: dict[str, Any]) -> bool | None:
    """True, false, or None where it cannot be evaluated."""
    try:
        result = expression.eval(data=data)
    except RuntimeError:
        return None
    value = result.plain_value() if result.type() == cel.Type.BOOL else None
    return value if isinstance(value, bool) else None
