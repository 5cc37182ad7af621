"""分支: the first case whose condition is true is taken."""

from collections.abc import Iterator
from dataclasses import replace

from templates_engine.findings.finding import Finding
from templates_engine.nodes.base import Context, NodeType
from templates_engine.nodes.rules import check_expression
from templates_engine.parts import Node
from templates_engine.reading.shapes import EXPRESSION, TEXT, mapping

CHAIN = {"type": "array", "maxItems": 200}


class Branch(NodeType):
    """Cases in order, `otherwise` last. After the case, the chain continues behind the branch."""

    name = "branch"
    required = {
        "cases": {
            "type": "array",
            "minItems": 1,
            "maxItems": 50,
            "items": {
                "if": {"required": ["otherwise"]},
                "then": mapping({"otherwise": {"const": True}, "chain": CHAIN}, {"name": TEXT}),
                "else": mapping({"when": EXPRESSION, "chain": CHAIN}, {"name": TEXT}),
            },
        }
    }
    shape = ("{", "}")

    def check(self, node: Node, path: str, context: Context) -> Iterator[Finding]:
        """Check that conditions type, and that `otherwise` exists and is last."""
        cases = node["cases"]
        for index, case in enumerate(cases):
            here = f"{path}.cases[{index}]"
            if "when" in case:
                yield from check_expression(case["when"], f"{here}.when", context, "BOOL")
                context = replace(context, assumed=(*context.assumed, (case["when"], False)))
            elif index != len(cases) - 1:
                yield Finding("otherwise_not_last", here)
        if not any("otherwise" in case for case in cases):
            yield Finding("no_otherwise", path)

    def inner_chains(self, node: Node) -> Iterator[tuple[str, list[Node]]]:
        """The chain of every case."""
        for index, case in enumerate(node["cases"]):
            yield f".cases[{index}].chain", case["chain"]
