"""并行: several chains at the same time; all must finish."""

from collections.abc import Iterator

from templates_engine.nodes.base import NodeType
from templates_engine.nodes.branch import CHAIN
from templates_engine.parts import Node
from templates_engine.reading.shapes import TEXT, mapping


class Parallel(NodeType):
    """Two or more branches, all taken. When all have finished, the chain continues behind the node."""

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
    shape = ("{{", "}}")

    def inner_chains(self, node: Node) -> Iterator[tuple[str, list[Node]]]:
        """The chain of every branch."""
        for index, branch in enumerate(node["branches"]):
            yield f".branches[{index}].chain", branch["chain"]
