"""Checks expressions before they run: see typecheck.py, and guards.py for values that may be empty."""

from dataclasses import dataclass, replace

from templates_engine.fields import FIELD_TYPES
from templates_engine.findings.finding import Finding
from templates_engine.language.closed import Choice, Comparisons, written
from templates_engine.language.guards import NOTHING, Known, follows, literals, present, unguarded, union
from templates_engine.language.keys import fields_read, reads_plainly
from templates_engine.language.refusals import type_words
from templates_engine.language.syntax import Node, Tree
from templates_engine.language.typecheck import Language, TypeCheck, is_field
from templates_engine.language.value_types import Kind, element
from templates_engine.parts import Field

Assumption = tuple[str, bool]  # a condition, and whether it is assumed true or false
MOST_TEXT = 200_000  # total characters of all different expressions of a document


class Checker:
    """Checks each expression of a form once, however often it is used in the document."""

    def __init__(self, expressions: Language) -> None:
        self.expressions = expressions
        self.fields = expressions.fields
        self.left = MOST_TEXT
        self._checks: dict[str, TypeCheck | None] = {}
        self._known: dict[tuple[Assumption, ...], Known] = {}
        self._said: dict[Assumption, Known] = {}

    def check(self, source: str, path: str, *expected: str) -> list[Finding]:
        """The findings for an expression that must have one of these CEL types."""
        checked = self._type_check(source)
        if checked is None:
            return [Finding("too_many_expressions", path, {"limit": MOST_TEXT})]
        found = [replace(finding, path=path) for finding in checked.findings]
        if not checked.is_sound or not expected or any(checked.type.startswith(name) for name in (*expected, "DYN")):
            return found
        if any(finding.code == "commented_out" for finding in found):
            return found
        if expected == ("BOOL",):
            return [*found, Finding("not_a_condition", path, {"type": checked.type, "given": type_words(checked.type)})]
        wanted = " / ".join(name for name in expected if "DYN" not in name)
        return [*found, Finding("wrong_expression_type", path, {"expected": wanted, "type": checked.type})]

    def types(self, source: str) -> bool:
        """Whether the expression can run; findings about the values it compares do not matter."""
        return self._sound(source) is not None

    def unguarded(self, source: str, path: str, assumed: tuple[Assumption, ...]) -> list[Finding]:
        """Findings for reads of values that may be empty, unguarded both in the expression and by `assumed`."""
        checked = self._sound(source)
        if checked is None or not self._may_fail(checked):
            return []
        nodes = unguarded(checked.tree.root, self._all(assumed), _Form(self, checked))
        found = {}
        for node in nodes:
            if is_field(node):
                details = {"name": node.name, "key": node.name.removeprefix("form.")}
                found[node.name] = Finding("unguarded_field", path, details)
            else:
                name = checked.optional[node.number]
                found[name] = Finding("unguarded_column", path, {"name": name})
        return list(found.values())

    def answers(self, source: str, path: str, choice: Choice | None, name: str) -> list[Finding]:
        """Findings for literal results of an expression that `choice` does not allow. name: what the value is for."""
        checked = self._sound(source) if choice else None
        if checked is None or choice is None:
            return []
        wrong = dict.fromkeys(node.value for node in written(checked.tree.root) if choice.refuses(node.value))
        return [replace(choice.finding(value, name), path=path) for value in wrong]

    def element(self, source: str) -> Kind:
        """The kind of the elements of the list that an expression returns; DYN if it does not type."""
        checked = self._sound(source)
        if checked is None:
            return "DYN"
        return element(checked.rows.kind if checked.rows else checked.type)

    def choice(self, source: str) -> Choice | None:
        """The possible elements of the list that an expression returns; None if anything is possible."""
        checked = self._sound(source)
        cells = checked.rows.cells if checked and checked.rows else {}
        return Comparisons(self.expressions.closed, cells).element(checked.tree.root) if checked else None

    def reads(self, source: str) -> set[str]:
        """The keys of the fields that an expression reads or tests; empty if it has errors."""
        checked = self._sound(source)
        return checked.keys if checked else set()

    def tree(self, source: str) -> Tree | None:
        """The expression's syntax tree; None if it has errors."""
        checked = self._sound(source)
        return checked.tree if checked else None

    def holds(self, condition: str | None, known: Known) -> bool:
        """Whether `known` implies that this condition is true."""
        checked = self._sound(condition) if condition else None
        return checked is not None and follows(checked.tree.root, True, known)

    def may_miss(self, key: str) -> bool:
        """Whether a field may be empty and then does not exist in expressions."""
        field = self.fields.get(key)
        if field is None or (field.get("required") and "visible_when" not in field):
            return False
        return FIELD_TYPES[field["type"]].empty() is None

    def _may_fail(self, checked: TypeCheck) -> bool:
        if checked.optional:
            return True
        read = fields_read(checked.source) if reads_plainly(checked.source) else self.fields
        return any(map(self.may_miss, read))

    def _all(self, assumed: tuple[Assumption, ...]) -> Known:
        """What is known if these assumptions hold."""
        if assumed not in self._known:
            self._known[assumed] = union(self._literals(*assumption) for assumption in assumed)
        return self._known[assumed]

    def _literals(self, condition: str, truth: bool) -> Known:
        key = (condition, truth)
        if key not in self._said:
            checked = self._sound(condition)
            self._said[key] = literals(checked.tree.root, truth) if checked else NOTHING
        return self._said[key]

    def _sound(self, source: str) -> TypeCheck | None:
        checked = self._type_check(source)
        return checked if checked is not None and checked.is_sound else None

    def _type_check(self, source: str) -> TypeCheck | None:
        """The expression's check; None if the document exceeds the total length of expressions."""
        if source not in self._checks:
            self.left -= len(source)
            self._checks[source] = TypeCheck(self.expressions, source) if self.left >= 0 else None
        return self._checks[source]


@dataclass(frozen=True)
class _Form:
    """The form, as guards.py needs it for one expression."""

    checker: Checker
    checked: TypeCheck

    def may_miss(self, node: Node) -> bool:
        if is_field(node):
            return self.checker.may_miss(node.name.removeprefix("form."))
        return node.number in self.checked.optional

    def is_there(self, node: Node, known: Known) -> bool:
        if known is None:
            return True
        if not is_field(node):
            key = node.name if node.kind == "select" else str(node.parts[1].value)
            return present(key, node.parts[0]) in known
        key = node.name.removeprefix("form.")
        field: Field = self.checker.fields[key]
        is_needed = field.get("required") or self.checker.holds(field.get("required_when"), known)
        is_shown = "visible_when" not in field or self.checker.holds(field["visible_when"], known)
        return present(key) in known or (bool(is_needed) and is_shown)
