"""What a proof may look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from templates_engine.expressions import Expressions
from templates_engine.judge import Assumption
from templates_engine.nodes import NODE_TYPES

Place = tuple[dict[str, Any], str, tuple[Assumption, ...]]


@dataclass(frozen=True)
class Subject:
    """A checked document with its program. paths: node key → its place in the document, such as `chain[1]`."""

    document: dict[str, Any]
    program: dict[str, Any]
    paths: dict[str, str]
    expressions: Expressions

    @property
    def nodes(self) -> dict[str, dict[str, Any]]:
        """The program's nodes."""
        return self.program["nodes"]

    def path(self, key: str) -> str:
        """Where this node is in the document; a join is where its fork is."""
        return self.paths.get(key.partition("/")[0], "chain")


def onward(node: dict[str, Any]) -> Iterator[str | None]:
    """Where the chain may go from this node; None is its end."""
    if "cases" in node:
        yield from (case["first"] for case in node["cases"])
    elif "branches" in node:
        yield from (branch["first"] for branch in node["branches"])
    else:
        yield node["next"]


def walk(chain: list[dict[str, Any]], path: str = "chain", assumed: tuple[Assumption, ...] = ()) -> Iterator[Place]:
    """Every node with its place and what is known to be true or false when the chain comes to it."""
    for index, node in enumerate(chain):
        here = f"{path}[{index}]"
        yield node, here, assumed
        before: tuple[Assumption, ...] = ()
        conditions = [case.get("when") for case in node.get("cases", [])]
        for number, (suffix, inner) in enumerate(NODE_TYPES[node["type"]].inner_chains(node)):
            when = conditions[number] if conditions else None
            own = (*before, (when, True)) if when else before
            before = (*before, (when, False)) if when else before
            yield from walk(inner, here + suffix, (*assumed, *own))
