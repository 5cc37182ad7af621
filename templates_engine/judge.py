"""What is wrong with an expression before it ever runs: types, names, columns, patterns, and what may be empty."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from templates_engine.fields import FIELD_TYPES
from templates_engine.findings import Finding, suggest
from templates_engine.guards import NOTHING, Known, filled, follows, literals, unguarded, union
from templates_engine.patterns import is_pattern
from templates_engine.rows import Kind, Rows, type_name
from templates_engine.syntax import Node, Tree
from templates_engine.text import both

if TYPE_CHECKING:
    from templates_engine.expressions import Expressions

Assumption = tuple[str, bool]  # a condition, and whether it is true or false

MOST_TEXT = 200_000  # characters of all different expressions of a document
_POSITION = re.compile(r"<input>:(\d+):(\d+): (.*)")
_UNDECLARED = re.compile(r"undeclared reference to '([^']+)'")


class Judge:
    """Looks at each expression of a form once, however often it stands in the document."""

    def __init__(self, expressions: "Expressions", left: list[int] | None = None) -> None:
        self.expressions = expressions
        self.fields = expressions.fields
        self.left = left or [MOST_TEXT]
        self._looks: dict[str, _Look] = {}
        self._known: dict[tuple[Assumption, ...], Known] = {}
        tables = {f"form.{key}": (_columns(field),) for key, field in self.fields.items() if field["type"] == "table"}
        self.names: dict[str, Kind] = {**tables, **({"item": expressions.item} if expressions.item else {})}

    def check(self, source: str, path: str, *expected: str) -> list[Finding]:
        """See Expressions.check."""
        look = self._look(source)
        if look.findings:
            return [replace(finding, path=path) for finding in look.findings]
        kind = look.type
        if expected and not any(kind.startswith(name) for name in (*expected, "DYN")):
            if expected == ("BOOL",):
                return [Finding("not_a_condition", path, {"type": kind})]
            wanted = " / ".join(name for name in expected if "DYN" not in name)
            return [Finding("wrong_expression_type", path, {"expected": wanted, "type": kind})]
        return []

    def unguarded(self, source: str, path: str, assumed: tuple[Assumption, ...]) -> list[Finding]:
        """See Expressions.unguarded."""
        look = self._look(source)
        if look.findings or not look.may_fail:
            return []
        found = {}
        for node in unguarded(look.tree.root, self.known(assumed), look):
            if node.number in look.rows.optional:
                name = look.rows.optional[node.number]
                found[name] = Finding("unguarded_column", path, {"name": name})
            else:
                key = node.name.removeprefix("form.")
                found[key] = Finding("unguarded_field", path, {"name": node.name, "key": key})
        return list(found.values())

    def element(self, source: str) -> Kind:
        """What the elements of a list are that this expression gives."""
        kind = self._look(source).rows.kind
        if isinstance(kind, tuple):
            return kind[0] or "DYN"
        return kind[5:-1] if isinstance(kind, str) and kind.startswith("LIST<") else "DYN"

    def known(self, assumed: tuple[Assumption, ...]) -> Known:
        """What follows from conditions of which the truth is known."""
        if assumed not in self._known:
            self._known[assumed] = union(self._look(source).literals(truth) for source, truth in assumed)
        return self._known[assumed]

    def holds(self, condition: str | None, known: Known) -> bool:
        """Whether it follows from what is known that this condition is true."""
        look = self._look(condition) if condition else None
        return look is not None and not look.findings and follows(look.tree.root, True, known)

    def reads(self, source: str) -> set[str]:
        """The keys of the fields that an expression reads or asks for; nothing where it does not type."""
        look = self._look(source)
        return set() if look.findings else look.keys

    def tree(self, source: str) -> Tree | None:
        """Its syntax; None where something is wrong with it."""
        look = self._look(source)
        return None if look.findings else look.tree

    def _look(self, source: str) -> "_Look":
        if source not in self._looks:
            self.left[0] -= len(source)
            self._looks[source] = _Look(self, source, refused=self.left[0] < 0)
        return self._looks[source]


class _Look:
    """One expression. Its tree is made where it is needed only: most conditions are plain."""

    def __init__(self, judge: Judge, source: str, *, refused: bool) -> None:
        self.judge = judge
        self.source = source
        self.spoken = judge.expressions.spoken(source)
        self.findings: list[Finding] = []
        if refused:
            self.findings = [Finding("too_many_expressions", "", {"limit": MOST_TEXT})]
            return
        try:
            self.expression = judge.expressions.compiled(source)
        except RuntimeError as error:
            self.findings = [self._refusal(str(error))]
            return
        self.type = self.expression.return_type().name().upper()
        if self._is_plain():
            return
        self.findings = list(self._within())
        self.type = type_name(self.rows.kind)

    @cached_property
    def tree(self) -> Tree:
        return Tree(self.expression)

    @cached_property
    def rows(self) -> Rows:
        return Rows(self.tree, self.judge.names)

    @cached_property
    def keys(self) -> set[str]:
        asked = {str(key.value) for key, _node in _asked(self.tree.root)}
        return asked | {node.name[5:] for node in self.tree.root.every() if _is_field(node)}

    @cached_property
    def may_fail(self) -> bool:
        """Whether it reads anything that may not be there."""
        from templates_engine.expressions import fields_read, reads_plainly

        if not self._is_plain() and self.rows.optional:
            return True
        read = fields_read(self.source) if reads_plainly(self.source) else self.judge.fields
        return any(_may_be_missing(self.judge.fields.get(key)) for key in read)

    def literals(self, truth: bool) -> Known:
        return NOTHING if self.findings else literals(self.tree.root, truth)

    def risk(self, node: Node) -> str | None:
        if _is_field(node):
            key = node.name.removeprefix("form.")
            return key if _may_be_missing(self.judge.fields.get(key)) else None
        if node.number in self.rows.optional:
            key = node.name if node.kind == "select" else str(node.parts[1].value)
            return f"has:{key}({node.parts[0]})"
        return None

    def is_there(self, key: str, known: Known) -> bool:
        if known is None:
            return True
        field = self.judge.fields.get(key)
        if field is None:
            return (key, True) in known
        is_needed = field.get("required") or self.judge.holds(field.get("required_when"), known)
        is_shown = "visible_when" not in field or self.judge.holds(field["visible_when"], known)
        return filled(key) in known or (is_needed and is_shown)

    def _is_plain(self) -> bool:
        """Whether typing alone has said everything about it."""
        from templates_engine.expressions import fields_read, reads_plainly

        if "item" in self.source and self.judge.expressions.item is not None:
            return False
        if "filled" in self.spoken.text or "matches" in self.source or not reads_plainly(self.source):
            return False
        fields = self.judge.fields
        return not any(
            key in fields and (fields[key]["type"] == "table" or FIELD_TYPES[fields[key]["type"]].parts)
            for key in fields_read(self.source)
        )

    def _within(self) -> Iterator[Finding]:
        """Names and patterns in the expression that no value can make right."""
        fields = self.judge.fields
        for key, _node in _asked(self.tree.root):
            if key.value not in fields:
                details = {"name": f"form.{key.value}", "suggestion": suggest(str(key.value), list(fields))}
                yield Finding("unknown_field", "", details)
        for node in self.tree.root.every():
            if node.kind in ("select", "has") and _is_field(node.parts[0]):
                field = node.parts[0].name
                parts = FIELD_TYPES[fields[field[5:]]["type"]].parts
                if parts and node.name not in parts:
                    name, names = f"{field}.{node.name}", [f"{field}.{part}" for part in parts]
                    yield Finding("unknown_field", "", {"name": name, "suggestion": suggest(name, names)})
            elif node.kind == "call" and node.name == "matches" and not _fits(node.parts[-1]):
                shown = str(node.parts[-1].value)
                problem = both(f"{shown} 不是合法的正则表达式（RE2）", f"{shown} is no regular expression (RE2)")
                yield self._at(self.tree.place_of(node), problem)
        yield from self.rows.unknown
        yield from (self._at(self.tree.place_of(node), problem) for node, problem in self.rows.unfit)

    def _refusal(self, problem: str) -> Finding:
        """What the engine says."""
        match = _POSITION.search(problem)
        if match is None or int(match[1]) < 1:
            return Finding(
                "bad_expression", "", {"line": 1, "column": 1, "problem": _first_line(match[3] if match else problem)}
            )
        text = match[3]
        unknown = _UNDECLARED.search(text)
        if unknown:
            name, names = unknown.group(1), list(self.judge.expressions.variables)
            return Finding("unknown_field", "", {"name": name, "suggestion": suggest(name, names)})
        lines = self.spoken.text.split("\n")
        return self._at(sum(len(line) + 1 for line in lines[: int(match[1]) - 1]) + int(match[2]) - 1, text)

    def _at(self, place: int, problem: Any) -> Finding:
        before = self.source[: self.spoken.written_at(place)].split("\n")
        details = {"line": len(before), "column": len(before[-1]) + 1, "problem": problem}
        return Finding("bad_expression", "", details)


def _columns(field: dict[str, Any]) -> dict[str, Any]:
    return {column["key"]: column for column in field["columns"]}


def _is_field(node: Node) -> bool:
    return node.kind == "name" and node.name.startswith("form.")


def _may_be_missing(field: dict[str, Any] | None) -> bool:
    """Whether a field may be empty and then does not exist."""
    if field is None or (field.get("required") and "visible_when" not in field):
        return False
    return FIELD_TYPES[field["type"]].empty() is None


def _asked(root: Node) -> Iterator[tuple[Node, Node]]:
    """(the literal, the call) of every `'key' in filled`."""
    for node in root.every():
        is_asked = node.kind == "call" and node.name == "@in" and node.parts[1].name == "filled"
        if is_asked and node.parts[0].kind == "const":
            yield node.parts[0], node


def _fits(pattern: Node) -> bool:
    return pattern.kind != "const" or is_pattern(str(pattern.value))


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0][:300] if text.strip() else "?"
