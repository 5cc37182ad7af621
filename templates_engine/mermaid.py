"""A chain as a Mermaid flowchart."""

from typing import Any

from templates_engine.program import compile_chain
from templates_engine.text import localize

SHAPES = {
    "branch": ("{", "}"),
    "automation": ("[[", "]]"),
    "cc": ("([", "])"),
}


def diagram(document: dict[str, Any]) -> str:
    """The flowchart of a checked document, in the caller's language."""
    program = compile_chain(document)
    lines = ["flowchart TD", "  start((●))", "  finish((◎))", f"  start --> {_id(program['start'])}"]
    for key, node in reversed(program["nodes"].items()):
        left, right = SHAPES.get(node["type"], ("[", "]"))
        lines.append(f"  {_id(key)}{left}{_quoted(localize(node['name']))}{right}")
        if "cases" in node:
            for case in node["cases"]:
                label = localize(case["name"]) or case["when"] or "…"
                lines.append(f"  {_id(key)} -->|{_quoted(label)}| {_id(case['first'])}")
        else:
            lines.append(f"  {_id(key)} --> {_id(node['next'])}")
    return "\n".join(lines)


def _id(key: str | None) -> str:
    return "finish" if key is None else "n_" + key.replace("_", "__").replace("-", "_")


def _quoted(text: str) -> str:
    return '"' + text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;") + '"'
