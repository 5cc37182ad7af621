"""审批: people say yes or no."""

from collections.abc import Iterator
from typing import Any

from templates_engine.approvers import MODE, RULES_SCHEMA
from templates_engine.findings import Finding
from templates_engine.nodes.base import Context, NodeType
from templates_engine.nodes.rules import check_rules
from templates_engine.nodes.timing import ON_EDIT, check_timing, timing
from templates_engine.shapes import Schema

# In a chain that runs a job these would let it run without anybody's approval (I3, I21, A3).
UNSAFE = {"on_empty": ("approve",), "on_self": ("approve", "allow"), "on_timeout": ("approve",)}
DEDUP: Schema = {"enum": ["none", "adjacent", "all"]}


class Approval(NodeType):
    """One or several people approve. mode: any 或签, all 会签, sequence 依次, {ratio} 比例.

    dedup: who has approved this content already is not asked again; `adjacent` looks at the approval before only.
    """

    name = "approval"
    required = {"approvers": RULES_SCHEMA}
    optional = {
        "mode": MODE,
        **timing("approve", "veto"),
        "dedup": DEDUP,
        "on_edit": ON_EDIT,
        "on_empty": {"enum": ["approve", "escalate", "block"]},
        "on_self": {"enum": ["approve", "escalate", "allow"]},
    }

    def check(self, node: dict[str, Any], path: str, context: Context) -> Iterator[Finding]:
        """People, fields and times that do not fit; conveniences that must not meet a job."""
        yield from check_rules(node["approvers"], f"{path}.approvers", context)
        yield from check_timing(node, path, context)
        yield from _never_asked(node, path)
        if context.runs_job:
            for key, values in UNSAFE.items():
                if node.get(key) in values:
                    yield Finding("unsafe_convenience", f"{path}.{key}", {"key": key, "value": node[key]})


def _never_asked(node: dict[str, Any], path: str) -> Iterator[Finding]:
    """Rules that name the applicant where he never sits: who takes over never decides about himself (I3)."""
    if node.get("on_self", "escalate") == "escalate":
        for index, rule in enumerate(node["approvers"]):
            if "applicant" in rule:
                yield Finding("applicant_never_asked", f"{path}.approvers[{index}]")
    handling = node.get("on_timeout")
    if isinstance(handling, dict) and "applicant" in handling["transfer"]:
        yield Finding("applicant_never_asked", f"{path}.on_timeout.transfer")
