"""Expressions in CEL: type-checked against the form when a template is checked, limited when they run (A36).

Variables: `form.<key>` for every field, `filled` (keys of the fields that have a value), `applicant.username`,
`applicant.name`, `applicant.department`, `applicant.roles`, `ticket.priority`, `ticket.title`; for expressions
evaluated once per element of a list also `item`.
An empty number or time does not exist, and reading it is an error; test `'key' in filled` or `has(form.key)` first.
The type of a field in expressions is defined by its field type, in fields/.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cel_expr_python import cel

from accounts.organisation.people import PersonFacts
from templates_engine.fields import FIELD_TYPES
from templates_engine.fields.amount import Money
from templates_engine.findings.finding import Finding
from templates_engine.language.celtypes import named
from templates_engine.language.checker import Assumption, Checker
from templates_engine.language.closed import Closed
from templates_engine.language.cost import MOST, worst_cost
from templates_engine.language.directory import Directory
from templates_engine.language.engine import environment
from templates_engine.language.engine_text import EngineText, engine_text
from templates_engine.language.keys import fields_read, reads_plainly
from templates_engine.language.rows import Rows
from templates_engine.language.syntax import Tree
from templates_engine.language.translate import translated
from templates_engine.language.value_types import Kind, of_field, type_name
from templates_engine.parts import Field, TicketFacts

FACTS: dict[str, cel.Type] = {
    "filled": cel.Type.List(cel.Type.STRING),
    "applicant.username": cel.Type.STRING,
    "applicant.name": cel.Type.STRING,
    "applicant.department": cel.Type.STRING,
    "applicant.roles": cel.Type.List(cel.Type.STRING),
    "ticket.priority": cel.Type.STRING,
    "ticket.title": cel.Type.STRING,
}


_AS_IT_STANDS = re.compile(
    r"[-+*/]|\b(?:string|text|date|sum|get[A-Z][A-Za-z]+)\s*\("
)  # an expression with one of these must be translated first


class ExpressionFailed(Exception):
    """An expression that passed the type check could not be evaluated, or has a wrong result."""


@dataclass(frozen=True)
class Facts:
    """The values that expressions may read. form: key → value as stored; hidden and empty fields are absent.

    item: the current element, for expressions that are evaluated once per element of a list.
    """

    form: dict[str, Any]
    applicant: PersonFacts
    ticket: TicketFacts
    item: Any = None


class Expressions:
    """The expressions of one form, compiled once and cached.

    item: the kind of the elements, if expressions are evaluated once per element of a list. directory: the organisation
    that they are checked against.
    """

    def __init__(self, form: list[Field], item: Kind | None = None, directory: Directory | None = None) -> None:
        self.form = form
        self.fields = {field["key"]: field for field in form}
        self.closed = Closed(self.fields, directory or Directory())
        self.item = item
        variables = dict(FACTS)
        if item is not None:
            variables["item"] = named(type_name(item))
        for key, field in self.fields.items():
            variables[f"form.{key}"] = FIELD_TYPES[field["type"]].cel_type(field)
        self.variables = variables
        self.env = environment(variables)
        self.kinds = {f"form.{field['key']}": kind for field in form if (kind := of_field(field)) is not None}
        if item is not None:
            self.kinds["item"] = item
        self._compiled: dict[str, cel.Expression] = {}
        self._runnable: dict[str, cel.Expression] = {}
        self._with_item: dict[str, Expressions] = {}

    @cached_property
    def checker(self) -> Checker:
        """The checker of these expressions."""
        return Checker(self)

    def with_item_of(self, source: str) -> "Expressions":
        """The same expressions with `item` as an element of the list that `source` returns; `source` must type."""
        if source not in self._with_item:
            inside = Expressions(self.form, self.checker.element(source), self.closed.directory)
            inside.closed.item = self.checker.choice(source)
            self._with_item[source] = inside
        return self._with_item[source]

    def check(self, source: str, path: str, *expected: str) -> list[Finding]:
        """The findings for an expression that must have one of these CEL types (BOOL, STRING, LIST, …)."""
        return self.checker.check(source, path, *expected)

    def unguarded(self, source: str, path: str, assumed: tuple[Assumption, ...] = ()) -> list[Finding]:
        """Findings for reads of values that may not exist and are not guarded, in the expression or by `assumed`."""
        return self.checker.unguarded(source, path, assumed)

    def engine_text(self, source: str) -> EngineText:
        """The expression in the form that the engine accepts."""
        return engine_text(source, self.variables)

    def compiled(self, source: str) -> cel.Expression:
        """The compiled expression. Raises RuntimeError if it does not type."""
        if source not in self._compiled:
            self._compiled[source] = self.env.compile(self.engine_text(source).text)
        return self._compiled[source]

    def rows(self, tree: Tree) -> Rows:
        """What the engine does not know about the tables and times in an expression."""
        kind = FIELD_TYPES["money"]
        money = {
            f"form.{key}": kind.precision(field)
            for key, field in self.fields.items()
            if field["type"] == "money" and isinstance(kind, Money)
        }
        return Rows(tree, self.kinds, money)

    def runnable(self, source: str) -> cel.Expression:
        """The translated expression, ready to run. Raises RuntimeError if it does not type."""
        if source not in self._runnable:
            self._runnable[source] = self._translated(source)
        return self._runnable[source]

    def _translated(self, source: str) -> cel.Expression:
        checked = self.compiled(source)
        reads = not reads_plainly(source) or any(name.rpartition(".")[2] in source for name in self.kinds)
        if not reads and _AS_IT_STANDS.search(source) is None:
            return checked
        rows = self.rows(Tree(checked))
        if not rows.names and not rows.texts:
            return checked
        return self.env.deserialize(translated(checked.serialize(), rows))

    def evaluate(self, source: str, facts: Facts) -> Any:
        """The plain value, in limited time. Raises ExpressionFailed and nothing else."""
        try:
            expression = self.runnable(source)
            data = self._data(source, facts)
            if worst_cost(source, data) > MOST:
                raise ExpressionFailed("over budget: it could build too much from these values")
            result = expression.eval(data=data)
        except RuntimeError as error:
            raise ExpressionFailed(_first_line(str(error))) from error
        if result.type() in (cel.Type.ERROR, cel.Type.UNKNOWN):
            raise ExpressionFailed(_first_line(str(result.value())))
        return result.plain_value()

    def condition(self, source: str, facts: Facts) -> bool:
        """The value of a condition. Raises ExpressionFailed if it is not a bool (I26)."""
        value = self.evaluate(source, facts)
        if not isinstance(value, bool):
            raise ExpressionFailed(f"not a condition: {type(value).__name__}")
        return value

    def _data(self, source: str, facts: Facts) -> dict[str, Any]:
        data: dict[str, Any] = {"filled": list(facts.form)}
        read = fields_read(source) if reads_plainly(source) else self.fields
        for key, field in self.fields.items():
            if key not in read:
                continue
            kind = FIELD_TYPES[field["type"]]
            value = facts.form.get(key)
            if value is not None:
                data[f"form.{key}"] = kind.cel_value(field, value)
            elif kind.empty() is not None:
                data[f"form.{key}"] = kind.empty()
        data |= {f"applicant.{key}": value for key, value in facts.applicant.items()}
        data |= {f"ticket.{key}": value for key, value in facts.ticket.items()}
        data["item"] = facts.item
        return {key: value for key, value in data.items() if key in self.variables}


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0][:300] if text.strip() else "?"
