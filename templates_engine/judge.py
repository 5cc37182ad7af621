"""What is wrong with an expression before it ever runs: see look.py, and guards.py for what may be empty."""

from dataclasses import dataclass, replace
from typing import Any

from templates_engine.closed import Choice, Comparisons, written
from templates_engine.fields import FIELD_TYPES
from templates_engine.findings import Finding
from templates_engine.guards import NOTHING, Known, follows, literals, present, unguarded, union
from templates_engine.keys import fields_read, reads_plainly
from templates_engine.kinds import Kind, element
from templates_engine.look import Language, Look, is_field
from templates_engine.refusals import type_words
from templates_engine.syntax import Node, Tree

Assumption = tuple[str, bool]  # a condition, and whether it is true or false
MOST_TEXT = 200_000  # characters of all different expressions of a document


class Judge:
    """Looks at each expression of a form once, however often it stands in the document."""

    def __init__(self, expressions: Language) -> None:
        self.expressions = expressions
        self.fields = expressions.fields
        self.left = MOST_TEXT
        self._looks: dict[str, Look | None] = {}
        self._known: dict[tuple[Assumption, ...], Known] = {}

    def check(self, source: str, path: str, *expected: str) -> list[Finding]:
        """What is wrong with an expression that must give one of these CEL types."""
        look = self._look(source)
        if look is None:
            return [Finding("too_many_expressions", path, {"limit": MOST_TEXT})]
        found = [replace(finding, path=path) for finding in look.findings]
        if not look.is_sound or not expected or any(look.type.startswith(name) for name in (*expected, "DYN")):
            return found
        if any(finding.code == "commented_out" for finding in found):
            return found
        if expected == ("BOOL",):
            return [*found, Finding("not_a_condition", path, {"type": look.type, "given": type_words(look.type)})]
        wanted = " / ".join(name for name in expected if "DYN" not in name)
        return [*found, Finding("wrong_expression_type", path, {"expected": wanted, "type": look.type})]

    def types(self, source: str) -> bool:
        """Whether it can run, be what it compares with as it may."""
        return self._sound(source) is not None

    def unguarded(self, source: str, path: str, assumed: tuple[Assumption, ...]) -> list[Finding]:
        """What it reads that may be missing, and is asked for neither there nor in what is assumed."""
        look = self._sound(source)
        if look is None or not self._may_fail(look):
            return []
        nodes = unguarded(look.tree.root, self._all(assumed), _Form(self, look))
        found = {}
        for node in nodes:
            if is_field(node):
                details = {"name": node.name, "key": node.name.removeprefix("form.")}
                found[node.name] = Finding("unguarded_field", path, details)
            else:
                name = look.optional[node.number]
                found[name] = Finding("unguarded_column", path, {"name": name})
        return list(found.values())

    def answers(self, source: str, path: str, choice: Choice | None, name: str) -> list[Finding]:
        """What an expression answers that the value of this name cannot be."""
        look = self._sound(source) if choice else None
        if look is None or choice is None:
            return []
        wrong = dict.fromkeys(node.value for node in written(look.tree.root) if choice.refuses(node.value))
        return [replace(choice.finding(value, name), path=path) for value in wrong]

    def element(self, source: str) -> Kind:
        """What the elements of the list are that an expression gives, which must type."""
        look = self._sound(source)
        if look is None:
            return "DYN"
        return element(look.rows.kind if look.rows else look.type)

    def choice(self, source: str) -> Choice | None:
        """What an element can be of the list that an expression gives; None where it can be anything."""
        look = self._sound(source)
        cells = look.rows.cells if look and look.rows else {}
        return Comparisons(self.expressions.closed, cells).element(look.tree.root) if look else None

    def reads(self, source: str) -> set[str]:
        """The keys of the fields that an expression reads or asks for; none where something is wrong with it."""
        look = self._sound(source)
        return look.keys if look else set()

    def tree(self, source: str) -> Tree | None:
        """Its syntax; None where something is wrong with it."""
        look = self._sound(source)
        return look.tree if look else None

    def holds(self, condition: str | None, known: Known) -> bool:
        """Whether it follows from what is known that this condition is true."""
        look = self._sound(condition) if condition else None
        return look is not None and follows(look.tree.root, True, known)

    def may_miss(self, key: str) -> bool:
        """Whether a field may be empty and then does not exist."""
        field = self.fields.get(key)
        if field is None or (field.get("required") and "visible_when" not in field):
            return False
        return FIELD_TYPES[field["type"]].empty() is None

    def _may_fail(self, look: Look) -> bool:
        if look.optional:
            return True
        read = fields_read(look.source) if reads_plainly(look.source) else self.fields
        return any(map(self.may_miss, read))

    def _all(self, assumed: tuple[Assumption, ...]) -> Known:
        """What is known where these conditions are decided so."""
        if assumed not in self._known:
            self._known[assumed] = union(self._literals(*assumption) for assumption in assumed)
        return self._known[assumed]

    def _literals(self, condition: str, truth: bool) -> Known:
        look = self._sound(condition)
        return literals(look.tree.root, truth) if look else NOTHING

    def _sound(self, source: str) -> Look | None:
        look = self._look(source)
        return look if look is not None and look.is_sound else None

    def _look(self, source: str) -> Look | None:
        """None where the document has more expressions than anybody writes."""
        if source not in self._looks:
            self.left -= len(source)
            self._looks[source] = Look(self.expressions, source) if self.left >= 0 else None
        return self._looks[source]


@dataclass(frozen=True)
class _Form:
    """The form as the guards of one expression ask for it."""

    judge: Judge
    look: Look

    def may_miss(self, node: Node) -> bool:
        if is_field(node):
            return self.judge.may_miss(node.name.removeprefix("form."))
        return node.number in self.look.optional

    def is_there(self, node: Node, known: Known) -> bool:
        if known is None:
            return True
        if not is_field(node):
            key = node.name if node.kind == "select" else str(node.parts[1].value)
            return present(key, node.parts[0]) in known
        key = node.name.removeprefix("form.")
        field: dict[str, Any] = self.judge.fields[key]
        is_needed = field.get("required") or self.judge.holds(field.get("required_when"), known)
        is_shown = "visible_when" not in field or self.judge.holds(field["visible_when"], known)
        return present(key) in known or (bool(is_needed) and is_shown)
