"""What a proof may look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from templates_engine.expressions import Expressions


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
