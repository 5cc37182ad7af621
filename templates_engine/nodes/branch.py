"""分支: the first case that is true."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from templates_engine.findings import Finding
from templates_engine.nodes.base import Context, NodeType
from templates_engine.nodes.rules import check_expression
from templates_engine.shapes import EXPRESSION, TEXT, mapping

CHAIN = {"type": "array", "maxItems": 200}


class Branch(NodeType):
    """Cases in their order; `otherwise` last. Afterwards the chain goes on behind the branch."""

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

    def check(self, node: dict[str, Any], path: str, context: Context) -> Iterator[Finding]:
        """Conditions that do not type; no `otherwise`, or not at the end."""
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

    def inner_chains(self, node: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """The chain of every case."""
        for index, case in enumerate(node["cases"]):
            yield f".cases[{index}].chain", case["chain"]
