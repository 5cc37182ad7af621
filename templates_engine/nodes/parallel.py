"""并行: several chains at once, until all of them are done."""

from collections.abc import Iterator
from typing import Any

from templates_engine.nodes.base import NodeType
from templates_engine.nodes.branch import CHAIN
from templates_engine.shapes import TEXT, mapping


class Parallel(NodeType):
    """Two or more branches, all of which are walked; afterwards the chain goes on behind the node."""

    name = "parallel"
    walks_all = True
    required = {
        "branches": {
            "type": "array",
            "minItems": 2,
            "maxItems": 20,
            "items": mapping({"chain": CHAIN}, {"name": TEXT}),
        }
    }

    def inner_chains(self, node: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """The chain of every branch."""
        for index, branch in enumerate(node["branches"]):
            yield f".branches[{index}].chain", branch["chain"]
