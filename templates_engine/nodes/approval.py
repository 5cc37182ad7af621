"""审批: people approve, return or veto."""

from collections.abc import Iterator, Mapping
from typing import Any

from templates_engine.approvers import MODE, RULES_SCHEMA
from templates_engine.findings.finding import Finding
from templates_engine.nodes.base import Context, NodeType
from templates_engine.nodes.rules import check_rules
from templates_engine.nodes.timing import ON_EDIT, TIMING_CHOICES, TIMING_WORDS, check_timing, timing
from templates_engine.parts import Node
from templates_engine.reading.shapes import Schema

# In a chain that runs a job, these would let it run without an approval (I03, I21, A03).
UNSAFE = {"on_empty": ("approve",), "on_self": ("approve", "allow"), "on_timeout": ("approve",)}
DEDUP: Schema = {"enum": ["none", "adjacent", "all"]}


class Approval(NodeType):
    """One or several people approve. mode: any 或签, all 会签, sequence 依次, {ratio} 比例.

    dedup: people who have approved this content already are not asked again; `adjacent` counts only the approval
    before.
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
    verbs = ("approve", "return", "veto", "transfer", "add_sign", "remove_sign")
    words = {
        "approvers": ("审批人", "approvers"),
        "mode": ("审批方式", "mode"),
        "dedup": ("去重", "people asked once"),
        "on_empty": ("找不到人时", "when nobody is found"),
        "on_self": ("审批人是申请人时", "when the approver is the applicant"),
        **TIMING_WORDS,
    }
    choices = {
        "mode": {"any": ("或签", "any one"), "all": ("会签", "all"), "sequence": ("依次", "one after another")},
        "dedup": {"none": ("不去重", "no"), "adjacent": ("相邻节点", "adjacent"), "all": ("整个流程", "all")},
        "on_empty": {"approve": ("通过", "approve"), "escalate": ("上报", "escalate"), "block": ("停住", "block")},
        "on_self": {"approve": ("通过", "approve"), "escalate": ("上报", "escalate"), "allow": ("允许", "allow")},
        **TIMING_CHOICES,
    }

    def check(self, node: Node, path: str, context: Context) -> Iterator[Finding]:
        """Check people, fields and times; refuse settings that are unsafe together with a job."""
        yield from check_rules(node["approvers"], f"{path}.approvers", context)
        yield from check_timing(node, path, context)
        yield from _never_asked(node, path)
        if context.runs_job:
            said: Mapping[str, Any] = node
            for key, values in UNSAFE.items():
                if said.get(key) in values:
                    yield Finding("unsafe_convenience", f"{path}.{key}", {"key": key, "value": said[key]})


def _never_asked(node: Node, path: str) -> Iterator[Finding]:
    """Rules that name the applicant where they are never asked; nobody decides on their own ticket (I03)."""
    if node.get("on_self", "escalate") == "escalate":
        for index, rule in enumerate(node["approvers"]):
            if "applicant" in rule:
                yield Finding("applicant_never_asked", f"{path}.approvers[{index}]")
    handling = node.get("on_timeout")
    if isinstance(handling, dict) and "applicant" in handling["transfer"]:
        yield Finding("applicant_never_asked", f"{path}.on_timeout.transfer")
