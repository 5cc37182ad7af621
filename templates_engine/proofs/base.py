"""The input of proofs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from templates_engine.language.checker import Assumption
from templates_engine.language.expressions import Expressions
from templates_engine.nodes import NODE_TYPES
from templates_engine.parts import Document, Node

Place = tuple[Node, str, tuple[Assumption, ...]]


@dataclass(frozen=True)
class Subject:
    """A checked document with its program. paths: node key → its place in the document, such as `chain[1]`."""

    document: Document
    program: dict[str, Any]
    paths: dict[str, str]
    expressions: Expressions

    @property
    def nodes(self) -> dict[str, Node]:
        """The program's nodes."""
        return self.program["nodes"]

    def path(self, key: str) -> str:
        """The place of this node in the document; a join has the place of its fork."""
        return self.paths.get(key.partition("/")[0], "chain")


def onward(node: Node) -> Iterator[str | None]:
    """The possible next nodes; None is the end of the chain."""
    if "cases" in node:
        yield from (case["first"] for case in node["cases"])
    elif "branches" in node:
        yield from (branch["first"] for branch in node["branches"])
    else:
        yield node["next"]


def each_node(chain: list[Node], path: str = "chain", assumed: tuple[Assumption, ...] = ()) -> Iterator[Place]:
    """Every node with its place and the conditions that are known to be true or false there."""
    for index, node in enumerate(chain):
        here = f"{path}[{index}]"
        yield node, here, assumed
        before: tuple[Assumption, ...] = ()
        conditions = [case.get("when") for case in node.get("cases", [])]
        for number, (suffix, inner) in enumerate(NODE_TYPES[node["type"]].inner_chains(node)):
            when = conditions[number] if conditions else None
            own = (*before, (when, True)) if when else before
            before = (*before, (when, False)) if when else before
            yield from each_node(inner, here + suffix, (*assumed, *own))
