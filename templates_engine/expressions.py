"""Expressions are CEL: typed against the form when a template is checked, bounded when they run (A36).

Variables: `form.<key>` for every field, `filled` (keys of the fields that have a value), `applicant.username`,
`applicant.name`, `applicant.department`, `applicant.roles`, `ticket.priority`, `ticket.title`; for what is done once
for each element of a list also `item`.
A number or time that was left empty does not exist; reading it is an error, so ask `'key' in filled` first.
What a field is in expressions stands with its type, in fields/.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cel_expr_python import cel

from templates_engine.celtypes import element
from templates_engine.effort import MOST, effort
from templates_engine.fields import FIELD_TYPES
from templates_engine.findings import Finding, suggest

FACTS: dict[str, cel.Type] = {
    "filled": cel.Type.List(cel.Type.STRING),
    "applicant.username": cel.Type.STRING,
    "applicant.name": cel.Type.STRING,
    "applicant.department": cel.Type.STRING,
    "applicant.roles": cel.Type.List(cel.Type.STRING),
    "ticket.priority": cel.Type.STRING,
    "ticket.title": cel.Type.STRING,
}
_POSITION = re.compile(r"<input>:(\d+):(\d+): (.*)")
_UNDECLARED = re.compile(r"undeclared reference to '([^']+)'")
_FORM = re.compile(r"\bform\b")
_FIELD = re.compile(r"\bform\s*\.\s*([a-z][a-z0-9_]*)")
_PART = re.compile(r"\bform\s*\.\s*([a-z][a-z0-9_]*)\s*\.\s*([A-Za-z_][A-Za-z0-9_]*)(?!\w*\s*\()")


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
    """The expressions of one form. Compiled once, kept."""

    def __init__(self, form: list[dict[str, Any]], item: cel.Type | None = None) -> None:
        self.form = form
        self.fields = {field["key"]: field for field in form}
        variables = dict(FACTS)
        if item is not None:
            variables["item"] = item
        for key, field in self.fields.items():
            variables[f"form.{key}"] = FIELD_TYPES[field["type"]].cel_type(field)
        self.variables = variables
        self.env = cel.NewEnv(variables=variables)
        self._compiled: dict[str, Any] = {}
        self._with_item: dict[str, Expressions] = {}

    def with_item_of(self, source: str) -> "Expressions":
        """The same with `item`: an element of the list that this expression, which must type, answers."""
        kind = element(self.env.compile(source).return_type())
        return self._with_item.setdefault(kind.name(), Expressions(self.form, kind))

    def check(self, source: str, path: str, *expected: str) -> list[Finding]:
        """What is wrong with an expression that must give one of these CEL types (BOOL, STRING, LIST, …)."""
        try:
            expression = self.env.compile(source)
        except RuntimeError as error:
            return [self._finding(str(error), path)]
        kind = expression.return_type().name()
        if expected and not any(kind.upper().startswith(name) for name in (*expected, "DYN")):
            if expected == ("BOOL",):
                return [Finding("not_a_condition", path, {"type": kind})]
            return [Finding("wrong_expression_type", path, {"expected": " / ".join(expected), "type": kind})]
        return self._foreign_parts(source, path)

    def _foreign_parts(self, source: str, path: str) -> list[Finding]:
        """Parts that no value of these fields has, such as form.range.strat; to CEL any key of a map types."""
        found = []
        for key, part in _PART.findall(source):
            parts = FIELD_TYPES[self.fields[key]["type"]].parts if key in self.fields else ()
            if parts and part not in parts:
                names = [f"form.{key}.{known}" for known in parts]
                details = {"name": f"form.{key}.{part}", "suggestion": suggest(f"form.{key}.{part}", names)}
                found.append(Finding("unknown_field", path, details))
        return found

    def unguarded(self, source: str, path: str) -> list[Finding]:
        """Fields that may be empty, have no empty value, and are read without asking `in filled`."""
        found = []
        for key in fields_read(source):
            field = self.fields.get(key)
            if field is None or (field.get("required") and "visible_when" not in field):
                continue
            if FIELD_TYPES[field["type"]].empty() is None and not re.search(rf"(['\"]){key}\1\s+in\s+filled", source):
                found.append(Finding("unguarded_field", path, {"name": f"form.{key}", "key": key}))
        return found

    def evaluate(self, source: str, facts: Facts) -> Any:
        """The plain value. Raises ExpressionFailed; never anything else, and always in bounded time."""
        try:
            expression = self._compiled.get(source) or self.env.compile(source)
            self._compiled[source] = expression
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
        read = fields_read(source) if len(_FORM.findall(source)) == len(_FIELD.findall(source)) else self.fields
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

    def _finding(self, problem: str, path: str) -> Finding:
        match = _POSITION.search(problem)
        line, column, text = match.groups() if match else ("1", "1", _first_line(problem))
        unknown = _UNDECLARED.search(text)
        if unknown:
            name = unknown.group(1)
            return Finding("unknown_field", path, {"name": name, "suggestion": suggest(name, list(self.variables))})
        return Finding("bad_expression", path, {"line": line, "column": column, "problem": text})


@lru_cache(maxsize=4096)
def fields_read(source: str) -> tuple[str, ...]:
    """The keys of the form's fields that an expression reads, in its order.

    Comments and quoted names may hide one; then there are more words `form` than keys.
    """
    return tuple(dict.fromkeys(_FIELD.findall(source)))


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0][:300] if text.strip() else "?"
