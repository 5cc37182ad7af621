"""Evaluates conditions at every point that can make a difference, with the engine that runs them later."""

from dataclasses import dataclass, field
from itertools import product
from typing import Any

from cel_expr_python import cel

from templates_engine.language.checker import Assumption
from templates_engine.language.expressions import Expressions
from templates_engine.parts import Field
from templates_engine.proofs import domains
from templates_engine.proofs.domains import Sample, TooMany
from templates_engine.proofs.fragment import NotUnderstood, Uses, uses

MOST_POINTS = 4096
MOST_COST = 50_000  # evaluations and their preparation, per document: well under a second
Read = dict[str, Uses]


@dataclass
class Taken:
    """Which cases are taken. sure: False if nothing is known.

    cases: those that were taken; hidden: case → earlier cases that were taken when it was true.
    """

    sure: bool = False
    cases: set[int] = field(default_factory=set)
    hidden: dict[int, set[int]] = field(default_factory=dict)


class Table:
    """The conditions of a document over sample points of their variables; each is parsed once.

    fields: field definitions to use instead of the form's.
    """

    def __init__(self, expressions: Expressions, fields: dict[str, Field] | None = None) -> None:
        self.expressions = expressions
        self.fields = expressions.fields if fields is None else fields
        self.variables = expressions.variables
        self.left = MOST_COST
        self.kinds = {
            name: domains.kind_of(kind, self.fields.get(name.removeprefix("form.")) if "form." in name else None)
            for name, kind in self.variables.items()
        }
        self.kinds |= {"ticket.priority": "choice", "filled": "other"}
        self._read: dict[str, Read | None] = {}

    def taken(self, conditions: list[str | None], assumed: tuple[Assumption, ...]) -> Taken | None:
        """The cases that are taken over all points at which the assumptions hold; None if it cannot be decided.

        Also None once the cost limit of the document is reached.
        """
        self.left -= len(conditions) + len(assumed)
        if self.left < 0:
            return None
        used = [self._uses(source) for source in conditions]
        known = [(source, wanted) for source, wanted in assumed if self._uses(source) is not None]
        try:
            samples = self._samples([*used, *(self._uses(source) for source, _wanted in known)])
        except TooMany:
            return None
        size = 1
        for values in samples.values():
            size *= len(values)
        cost = size * (len(conditions) + len(known))
        if size > MOST_POINTS or cost > self.left:
            return None
        self.left -= cost
        return self._evaluate(conditions, used, known, samples)

    def _evaluate(
        self,
        conditions: list[str | None],
        used: list[Read | None],
        known: list[Assumption],
        samples: dict[str, list[Sample]],
    ) -> Taken:
        compiled = {
            index: self.expressions.runnable(conditions[index] or "true")
            for index, uses in enumerate(used)
            if uses is not None
        }
        context = [(self.expressions.runnable(source), wanted) for source, wanted in known]
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
                        taken.cases.add(index)  # outside the fragment: it may be true here
                    continue
                if first is not None and index in taken.cases:
                    continue
                truth = _truth(compiled[index], data)
                if truth is None and first is None:
                    taken.cases.add(index)  # it reads a missing value: already reported, or never reached
                if truth and first is None:
                    first = index
                    taken.cases.add(index)
                elif truth and first is not None:
                    taken.hidden.setdefault(index, set()).add(first)
        return taken

    def _uses(self, source: str | None) -> Read | None:
        if source is None:
            return {}
        if source not in self._read:
            self.left -= len(source) // 10
            self._read[source] = self._reading(source) if self.left >= 0 else None
        return self._read[source]

    def _reading(self, source: str) -> Read | None:
        try:
            found = uses(self.expressions.engine_text(source).text, self.kinds)
        except NotUnderstood:
            return None
        known = set(found) <= set(self.variables) and self.expressions.checker.types(source)
        return found if known else None

    def _samples(self, parts: list[Read | None]) -> dict[str, list[Sample]]:
        """Variable → its samples. Raises TooMany."""
        whole: Read = {}
        for part in parts:
            self.left -= len(part or ())
            for name, found in (part or {}).items():
                whole.setdefault(name, Uses()).add(found)
        if self.left < 0:
            raise TooMany
        self.left -= len(whole)
        return {name: self._values(name, uses) for name, uses in whole.items()}

    def _values(self, name: str, uses: Uses) -> list[Sample]:
        prefix, _dot, key = name.partition(".")
        return domains.of_field(self.fields[key], uses) if prefix == "form" else domains.of_fact(name, uses)


def _data(point: dict[str, Sample]) -> dict[str, Any]:
    data = {name: sample.value for name, sample in point.items() if not sample.absent and sample.value is not None}
    is_form = [
        name.removeprefix("form.") for name, sample in point.items() if name.startswith("form.") and sample.filled
    ]
    return data | {"filled": is_form}


def _truth(expression: Any, data: dict[str, Any]) -> bool | None:
    """True, False, or None if it cannot be evaluated."""
    try:
        result = expression.eval(data=data)
    except RuntimeError:
        return None
    value = result.plain_value() if result.type() == cel.Type.BOOL else None
    return value if isinstance(value, bool) else None
