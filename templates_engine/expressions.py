"""Expressions are CEL: typed against the form when a template is checked, bounded when they run (A36).

Variables: `form.<key>` for every field, `filled` (keys of the fields that have a value), `applicant.username`,
`applicant.name`, `applicant.department`, `applicant.roles`, `ticket.priority`, `ticket.title`; for what is done once
for each element of a list also `item`.
A number or time that was left empty does not exist; reading it is an error, so ask `'key' in filled` or
`has(form.key)` first.
What a field is in expressions stands with its type, in fields/.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cel_expr_python import cel

from templates_engine.celtypes import named
from templates_engine.closed import Closed
from templates_engine.directory import Directory
from templates_engine.effort import MOST, effort
from templates_engine.engine import environment
from templates_engine.fields import FIELD_TYPES
from templates_engine.fields.amount import Money
from templates_engine.findings import Finding
from templates_engine.judge import Assumption, Judge
from templates_engine.keys import fields_read, reads_plainly
from templates_engine.kinds import Kind, of_field, type_name
from templates_engine.presence import Spoken, spoken
from templates_engine.rows import Rows
from templates_engine.syntax import Tree
from templates_engine.translate import translated

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
)  # …no expression with these runs


class ExpressionFailed(Exception):
    """An expression that typed could not be evaluated, or did not give what is needed."""


@dataclass(frozen=True)
class Facts:
    """What expressions may know. form: key → value as stored, hidden and empty fields absent.

    item: the element at hand, for expressions that are evaluated once for each element of a list.
    """

    form: dict[str, Any]
    applicant: dict[str, Any]
    ticket: dict[str, Any]
    item: Any = None


class Expressions:
    """The expressions of one form. Compiled once, kept.

    item: what the elements are of a list that expressions are evaluated for, one by one. directory: the organisation
    that they are checked against.
    """

    def __init__(
        self, form: list[dict[str, Any]], item: Kind | None = None, directory: Directory | None = None
    ) -> None:
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
    def judge(self) -> Judge:
        """Who says what is wrong with expressions."""
        return Judge(self)

    def with_item_of(self, source: str) -> "Expressions":
        """The same with `item`: an element of the list that this expression, which must type, answers."""
        if source not in self._with_item:
            inside = Expressions(self.form, self.judge.element(source), self.closed.directory)
            inside.closed.item = self.judge.choice(source)
            self._with_item[source] = inside
        return self._with_item[source]

    def check(self, source: str, path: str, *expected: str) -> list[Finding]:
        """What is wrong with an expression that must give one of these CEL types (BOOL, STRING, LIST, …)."""
        return self.judge.check(source, path, *expected)

    def unguarded(self, source: str, path: str, assumed: tuple[Assumption, ...] = ()) -> list[Finding]:
        """What may be empty, has no empty value, and is read without asking there or in what is assumed."""
        return self.judge.unguarded(source, path, assumed)

    def spoken(self, source: str) -> Spoken:
        """As the engine takes it."""
        return spoken(source, self.variables)

    def compiled(self, source: str) -> cel.Expression:
        """Raises RuntimeError where it does not type."""
        if source not in self._compiled:
            self._compiled[source] = self.env.compile(self.spoken(source).text)
        return self._compiled[source]

    def rows(self, tree: Tree) -> Rows:
        """What the engine does not know of an expression."""
        kind = FIELD_TYPES["money"]
        money = {
            f"form.{key}": kind.precision(field)
            for key, field in self.fields.items()
            if field["type"] == "money" and isinstance(kind, Money)
        }
        return Rows(tree, self.kinds, money)

    def runnable(self, source: str) -> cel.Expression:
        """As it runs. Raises RuntimeError where it does not type."""
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
        """The plain value. Raises ExpressionFailed; never anything else, and always in bounded time."""
        try:
            expression = self.runnable(source)
            data = self._data(source, facts)
            if effort(source, data) > MOST:
                raise ExpressionFailed("over budget: it could build too much from these values")
            result = expression.eval(data=data)
        except RuntimeError as error:
            raise ExpressionFailed(_first_line(str(error))) from error
        if result.type() in (cel.Type.ERROR, cel.Type.UNKNOWN):
            raise ExpressionFailed(_first_line(str(result.value())))
        return result.plain_value()

    def condition(self, source: str, facts: Facts) -> bool:
        """True or false. Raises ExpressionFailed for anything else (I26)."""
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
