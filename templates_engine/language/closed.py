"""Values with a fixed set of possibilities: options, priorities, keys of the organisation.

Comparing with any other text is never true, and nothing shows why. And < or > would compare such texts by their
letters.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from templates_engine.fields.cascade import paths
from templates_engine.fields.choice import option_values
from templates_engine.findings.finding import Finding, suggest
from templates_engine.language.directory import Directory
from templates_engine.language.syntax import Node
from templates_engine.parts import Field
from templates_engine.text import both, localize

PRIORITIES = ("low", "normal", "high", "urgent")
ORDER = ("_<_", "_<=_", "_>_", "_>=_")
EQUAL = ("_==_", "_!=_")
FLIPPED = {"_<_": "_>_", "_<=_": "_>=_", "_>_": "_<_", "_>=_": "_<=_"}


def is_of_closed_values(finding: Finding) -> bool:
    """Whether an expression with this finding can still run."""
    return finding.code in ("impossible_value", "unknown_person", "no_order", "commented_out")


@dataclass(frozen=True)
class Choice:
    """The possible texts. names: label → text. is_list: whether the value is a list of such texts.

    is_people: somebody unknown today may join later. ranks: whether they have an order of their own.
    """

    texts: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    is_list: bool = False
    is_people: bool = False
    ranks: bool = False

    @property
    def element(self) -> "Choice":
        """The choice for one element of the list."""
        return Choice(self.texts, self.names, is_people=self.is_people, ranks=self.ranks)

    def refuses(self, value: Any) -> bool:
        """Whether this is a text that cannot occur; "" is allowed and means that nothing was chosen."""
        return isinstance(value, str) and value != "" and value not in self.texts

    def finding(self, value: str, name: str = "") -> Finding:
        """The finding for a text that cannot occur."""
        key = self.names.get(value)
        if key:
            write = both(f"“{value}”是名称，写成 '{key}'。", f"That is its name: write '{key}'.")
        else:
            write = suggest(value, self.texts)
        details = {"name": name, "value": value, "suggestion": write}
        return Finding("unknown_person" if self.is_people else "impossible_value", "", details)


PRIORITY = Choice(PRIORITIES, ranks=True)


@dataclass
class Closed:
    """The closed values of a form and an organisation; without an organisation, its values are not closed.

    item: the possible elements of the list that the expressions are evaluated for.
    """

    fields: Mapping[str, Field]
    directory: Directory = field(default_factory=Directory)
    item: Choice | None = None

    @cached_property
    def departments(self) -> Choice | None:
        """Keys of departments."""
        return self._named(self.directory.departments, "department")

    @cached_property
    def people(self) -> Choice | None:
        """Usernames."""
        return self._named(self.directory.usernames, "user", is_people=True)

    @cached_property
    def roles(self) -> Choice | None:
        """Keys of roles."""
        return self._named(self.directory.roles, "role")

    def _named(self, keys: set[str], kind: str, *, is_people: bool = False) -> Choice | None:
        names = self.directory.names.get(kind, {})
        return Choice(tuple(sorted(keys)), names, is_people=is_people) if keys else None

    def of_name(self, name: str) -> Choice | None:
        """The possible values of a variable; None if they are not closed."""
        if name.startswith("form."):
            found = self.fields.get(name.removeprefix("form."))
            return self.of_field(found) if found else None
        if name == "item":
            return self.item
        if name == "ticket.priority":
            return PRIORITY
        if name == "applicant.roles":
            return _listed(self.roles)
        return {"applicant.department": self.departments, "applicant.username": self.people}.get(name)

    def of_field(self, found: Field) -> Choice | None:
        """The possible values of a field or a table's column; None if they are not closed."""
        kind = found["type"]
        if kind == "cascade":
            allowed = [path for path, _leaf in paths(found["options"])]
            return Choice(tuple({step: None for path in allowed for step in path}), is_list=True)
        if "options" in found:
            labels = [option for option in found["options"] if isinstance(option, dict) and "label" in option]
            names = {localize(one["label"], language): one["value"] for one in labels for language in ("zh", "en")}
            return Choice(tuple(option_values(found)), names, is_list=kind in ("multiselect", "checkbox"))
        if kind in ("user", "users"):
            return self.people if kind == "user" else _listed(self.people)
        return self.departments if kind == "department" else None


def _listed(choice: Choice | None) -> Choice | None:
    return choice and Choice(choice.texts, choice.names, is_list=True, is_people=choice.is_people)


class Comparisons:
    """The comparisons of closed values in one expression. cells: node number → column, for each cell that is read."""

    def __init__(self, closed: Closed, cells: Mapping[int, Field]) -> None:
        self.closed = closed
        self.cells = cells
        self.found: list[tuple[Node, Finding]] = []

    def findings(self, root: Node) -> list[tuple[Node, Finding]]:
        """The findings about comparisons that cannot be true, each with its node."""
        self._choice(root, {})
        return self.found

    def element(self, root: Node) -> Choice | None:
        """The possible elements of the list that the expression returns; None if anything is possible."""
        choice = self._choice(root, {})
        return choice.element if choice and choice.is_list else None

    def _choice(self, node: Node, known: Mapping[str, Choice]) -> Choice | None:
        if node.kind == "name":
            return known.get(node.name) or self.closed.of_name(node.name)
        if node.kind == "loop":
            return self._loop(node, known)
        parts = [self._choice(part, known) for part in node.parts]
        if node.number in self.cells and node.kind != "has":
            return self.closed.of_field(self.cells[node.number])
        if node.kind == "call":
            return self._call(node, parts)
        return None

    def _loop(self, node: Node, known: Mapping[str, Choice]) -> Choice | None:
        over = self._choice(node.parts[0], known)
        inside = {**known, node.name: over.element} if over and over.is_list else known
        for part in node.parts[1:]:
            self._choice(part, inside)
        return None

    def _call(self, node: Node, parts: list[Choice | None]) -> Choice | None:
        if node.name == "_[_]":
            return parts[0].element if parts[0] and parts[0].is_list else None
        if node.name == "_?_:_":
            return parts[1] if parts[1] == parts[2] else None
        if node.name in EQUAL or node.name in ORDER:
            for index, choice in enumerate(parts):
                if choice:
                    self._compared(node, index, choice)
                    break
        elif node.name == "@in":
            self._member(node, parts[0], parts[1])
        return None

    def _compared(self, node: Node, index: int, choice: Choice) -> None:
        here, other = node.parts[index], node.parts[1 - index]
        self._hold(choice, here, written(other))
        if node.name in ORDER and not choice.is_list:
            sign = node.name if index == 0 else FLIPPED[node.name]
            details = {"name": shown(here), "suggestion": _in_order(choice, shown(here), sign, other.value)}
            self.found.append((node, Finding("no_order", "", details)))

    def _member(self, node: Node, one: Choice | None, many: Choice | None) -> None:
        if many and many.is_list:
            self._hold(many, node.parts[1], written(node.parts[0]))
        if one and not one.is_list:
            self._hold(one, node.parts[0], written(node.parts[1]))

    def _hold(self, choice: Choice, whose: Node, texts: Iterable[Node]) -> None:
        for text in texts:
            if choice.refuses(text.value):
                self.found.append((text, choice.finding(text.value, shown(whose))))


def written(node: Node) -> Iterator[Node]:
    """The literals of a result: one value, the items of a list, or those of both ways of a ternary."""
    if node.kind == "const":
        yield node
    elif node.kind == "list":
        for part in node.parts:
            yield from written(part)
    elif node.kind == "call" and node.name == "_?_:_":
        for part in node.parts[1:]:
            yield from written(part)


def _in_order(choice: Choice, name: str, sign: str, value: Any) -> Any:
    """What to write instead of a comparison by order."""
    if not choice.ranks or value not in choice.texts:
        return both(f"把想要的都列出来：{name} in ['…', '…']。", f"Name those that are meant: {name} in ['…', '…'].")
    place = choice.texts.index(value)
    meant = {
        "_<_": choice.texts[:place],
        "_<=_": choice.texts[: place + 1],
        "_>_": choice.texts[place + 1 :],
        "_>=_": choice.texts[place:],
    }[sign]
    return both(f"写成 {name} in {list(meant)}。", f"Write {name} in {list(meant)}.")


def shown(node: Node) -> str:
    """The name of a part, for messages."""
    if node.kind == "select":
        return f"{shown(node.parts[0])}.{node.name}"
    return node.name.partition("@")[0] if node.kind == "name" else "…"
