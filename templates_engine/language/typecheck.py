"""Type-checks one expression: does it type, and do its names exist?"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, Protocol

from cel_expr_python import cel

from templates_engine.fields.choice import options_of
from templates_engine.findings.finding import Finding, suggest
from templates_engine.language.closed import Closed, Comparisons, is_of_closed_values
from templates_engine.language.constants import CALLS, never
from templates_engine.language.engine_text import EngineText
from templates_engine.language.hints import commented_out, habit, misused, named
from templates_engine.language.keys import reads_plainly
from templates_engine.language.refusals import hint_for
from templates_engine.language.rows import Rows
from templates_engine.language.syntax import Node, Tree
from templates_engine.language.time_parts import beyond
from templates_engine.language.value_types import Kind, type_name
from templates_engine.parts import Field
from templates_engine.text import Text

_POSITION = re.compile(r"<input>:(-?\d+):(-?\d+): (.*)")
_SUM = re.compile(r"\bsum\s*\(")
_TEXTS = re.compile(r"['\"]|[<>]")  # comparisons with a text, or by order
_UNDECLARED = re.compile(r"undeclared reference to '([^']+)'")


class Language(Protocol):
    """The expressions of one form, as the check needs them. item: the kind of the elements of a list."""

    fields: dict[str, Field]
    variables: dict[str, cel.Type]
    item: Kind | None
    closed: Closed
    kinds: dict[str, Kind]

    def rows(self, tree: Tree) -> Rows:
        """What the engine does not know about the tables and times in an expression."""
        ...

    def engine_text(self, source: str) -> EngineText:
        """The expression in the form that the engine accepts."""
        ...

    def compiled(self, source: str) -> cel.Expression:
        """The compiled expression. Raises RuntimeError if it does not type."""
        ...

    def runnable(self, source: str) -> cel.Expression:
        """The translated expression, ready to run. Raises RuntimeError if it does not type."""
        ...


class TypeCheck:
    """The check of one expression: its findings (without a path), or its type.

    The tree is built only if needed: for most plain conditions the engine's own check is enough.
    """

    def __init__(self, expressions: Language, source: str) -> None:
        self.expressions = expressions
        self.source = source
        self.engine_text = expressions.engine_text(source)
        self.findings: list[Finding] = []
        self.type = "DYN"
        try:
            self.compiled = expressions.compiled(source)
        except RuntimeError as error:
            self.findings = [self._refusal(str(error))]
            return
        self.findings = list(self._strange())
        self.type = type_name(self.rows.kind) if self.rows else self.compiled.return_type().name().upper()

    @property
    def is_sound(self) -> bool:
        """Whether it types and its names exist; findings about compared values do not count."""
        return all(map(is_of_closed_values, self.findings))

    @cached_property
    def tree(self) -> Tree:
        """The syntax tree."""
        return Tree(self.compiled)

    @cached_property
    def rows(self) -> Rows | None:
        """The table cells and times that it reads; None if there are none."""
        names = self.expressions.kinds
        reads = not reads_plainly(self.source) or any(name.rpartition(".")[2] in self.source for name in names)
        return self.expressions.rows(self.tree) if (reads and names) or _SUM.search(self.source) else None

    @cached_property
    def optional(self) -> Mapping[int, str]:
        """The parts that read a cell that may be missing: number → name."""
        return self.rows.optional if self.rows else {}

    @cached_property
    def keys(self) -> set[str]:
        """The keys of the fields that it reads or tests."""
        return {str(key.value) for key in self._asked()} | {
            node.name.removeprefix("form.") for node in self.tree.root.every() if is_field(node)
        }

    def _is_plain(self) -> bool:
        """Whether it has nothing that `_strange` must check."""
        text = self.engine_text.text
        return "filled" not in text and not CALLS.search(text) and not _TEXTS.search(text)

    def _strange(self) -> Iterator[Finding]:
        """Findings for names and calls that are wrong for every value."""
        yield from self._commented()
        if self.rows:
            yield from self.rows.unknown
            for node, unfit in self.rows.unfit:
                place = self.tree.place_of(node)
                yield self._told(place, unfit) if isinstance(unfit, str) else self._refused(place, unfit)
        if self._is_plain():
            return
        fields = self.expressions.fields
        for key in self._asked():
            if key.value not in fields:
                yield _unknown(f"form.{key.value}", [f"form.{known}" for known in fields])
        for node, problem, write in never(self.tree.root, self.expressions.runnable):
            yield self._refused(self.tree.place_of(node), problem, write)
        for _node, finding in beyond(self.tree, fields):
            yield finding
        cells = self.rows.cells if self.rows else {}
        for _node, finding in Comparisons(self.expressions.closed, cells).findings(self.tree.root):
            yield finding

    def _commented(self) -> Iterator[Finding]:
        """A finding for code inside a comment."""
        place = commented_out(self.engine_text.text)
        if place is not None:
            yield Finding("commented_out", "", self._at(place))

    def _asked(self) -> Iterator[Node]:
        """The literal of every `'key' in filled`."""
        for node in self.tree.root.every():
            is_asked = node.kind == "call" and node.name == "@in" and node.parts[1].name == "filled"
            if is_asked and node.parts[0].kind == "const":
                yield node.parts[0]

    def _refusal(self, problem: str) -> Finding:
        """The finding for the engine's error message."""
        match = _POSITION.search(problem)
        if match is None:
            return self._refused(0, problem.strip().partition("\n")[0][:300] or "?")
        line, column, text = max(int(match[1]), 1), max(int(match[2]), 1), match[3]
        for commented in self._commented():
            return commented
        written = habit(self.engine_text.text)
        if written:
            return self._refused(written.place, written.problem, written.write)
        unknown = _UNDECLARED.search(text)
        called = misused(unknown.group(1)) if unknown else None
        if called:
            return self._refused(self._place(line, column), called.problem, called.write)
        if unknown:
            finding = _unknown(unknown.group(1), list(self.expressions.variables))
            write = named(unknown.group(1), self._options)
            return replace(finding, details=finding.details | {"suggestion": write}) if write else finding
        return self._told(self._place(line, column), text)

    def _place(self, line: int, column: int) -> int:
        """The number of characters before this line and column (both from 1)."""
        before = self.engine_text.text.split("\n")[: line - 1]
        return sum(len(words) + 1 for words in before) + column - 1

    def _options(self) -> frozenset[str]:
        """The texts that fields offer, and the names of columns."""
        fields = self.expressions.fields.values()
        texts = {value for field in fields for value in options_of(field) or ()}
        return frozenset(texts | {column["key"] for field in fields for column in field.get("columns", ())})

    def _told(self, place: int, problem: str) -> Finding:
        """A finding for an error message of the engine, or for one in its format."""
        hint = hint_for(problem, self.engine_text.text, place)
        return self._refused(place, hint.problem, hint.write)

    def _refused(self, place: int, problem: Text, write: Text = "") -> Finding:
        """A finding `bad_expression`. place: in the engine's text."""
        details = self._at(place) | {"problem": problem}
        return Finding("bad_expression", "", details | ({"suggestion": write} if write else {}))

    def _at(self, place: int) -> dict[str, Any]:
        """Line and column (from 1) in the author's text."""
        before = self.source[: self.engine_text.written_at(place)].split("\n")
        return {"line": len(before), "column": len(before[-1]) + 1}


def is_field(node: Node) -> bool:
    """Whether this part is a field of the form."""
    return node.kind == "name" and node.name.startswith("form.")


def _unknown(name: str, known: list[str]) -> Finding:
    return Finding("unknown_field", "", {"name": name, "suggestion": suggest(name, known)})
