"""A template's chain as written: nested lists, not compiled."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Node = dict[str, Any]
Chain = list[Node]
CONDITIONS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "form.n > 1": lambda form: form["n"] > 1,
    "form.n > 5": lambda form: form["n"] > 5,
    "form.flag": lambda form: form["flag"],
    "!form.flag || form.n > 1": lambda form: not form["flag"] or form["n"] > 1,
}


@dataclass(frozen=True)
class Place:
    """The position of a node: its list, its index, and the holder of the list.

    holder: None at the top, else (key of the branch or parallel node, index of the case or branch in it).
    """

    node: Node
    chain: Chain
    index: int
    holder: tuple[str, int] | None


def inner(node: Node) -> list[Chain]:
    """The chains inside a node."""
    return [part["chain"] for part in node.get("cases", []) + node.get("branches", [])]


def places(chain: Chain, holder: tuple[str, int] | None = None) -> Iterator[Place]:
    """Every node of a chain, in the order of the document."""
    for index, node in enumerate(chain):
        yield Place(node, chain, index, holder)
        for number, deeper in enumerate(inner(node)):
            yield from places(deeper, (node["node"], number))


class Tree:
    """The places of one document, by node."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.places = {place.node["node"]: place for place in places(chain)}

    def node(self, key: str) -> Node:
        """The node as authored."""
        return self.places[key].node

    def within(self, key: str) -> list[tuple[str, int]]:
        """The branches of parallel nodes around a node, outermost first."""
        holder = self.places[key].holder
        if holder is None:
            return []
        around = self.within(holder[0])
        return [*around, holder] if self.node(holder[0])["type"] == "parallel" else around

    def inside(self, key: str, region: list[tuple[str, int]]) -> bool:
        """Whether a node is in this branch of a parallel node (the empty region contains all)."""
        return self.within(key)[: len(region)] == region

    def route(self, form: dict[str, Any], chain: Chain | None = None) -> Iterator[Node]:
        """All nodes reached by a ticket with this form, with all parallel branches."""
        for node in self.chain if chain is None else chain:
            yield node
            if node["type"] == "branch":
                yield from self.route(form, inner(node)[case_of(node, form)])
            elif node["type"] == "parallel":
                for branch in inner(node):
                    yield from self.route(form, branch)


def case_of(node: Node, form: dict[str, Any]) -> int:
    """The index of the first true case of a branch."""
    return next(
        index for index, case in enumerate(node["cases"]) if "otherwise" in case or CONDITIONS[case["when"]](form)
    )
