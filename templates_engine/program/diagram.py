"""Draws a chain as a Mermaid flowchart."""

from collections.abc import Iterator

from templates_engine.nodes import NODE_TYPES
from templates_engine.parts import Document, Node
from templates_engine.program.program import compile_chain
from templates_engine.text import localize


def diagram(document: Document) -> str:
    """The flowchart of a checked document, in the caller's language. Branches of a parallel node meet in a dot."""
    program = compile_chain(document)
    lines = ["flowchart TD", "  start((●))", "  finish((◎))", f"  start --> {_id(program['start'])}"]
    for key, node in reversed(program["nodes"].items()):
        lines.append(f"  {_id(key)}{_shape(node)}")
        lines += [f"  {_id(key)} {arrow}" for arrow in _arrows(node)]
    return "\n".join(lines)


def _shape(node: Node) -> str:
    if node["type"] == "join":
        return "((＋))"
    left, right = NODE_TYPES[node["type"]].shape
    return left + _quoted(localize(node["name"])) + right


def _arrows(node: Node) -> Iterator[str]:
    """The arrows from a node."""
    for case in node.get("cases", []):
        yield f"-->|{_quoted(localize(case['name']) or case['when'] or '…')}| {_id(case['first'])}"
    for branch in node.get("branches", []):
        name = localize(branch["name"])
        yield (f"-->|{_quoted(name)}| " if name else "--> ") + _id(branch["first"])
    if "cases" not in node and "branches" not in node:
        yield f"--> {_id(node['next'])}"


ESCAPED = str.maketrans({"_": "__", "-": "_d", "/": "_j"})


def _id(key: str | None) -> str:
    return "finish" if key is None else "n_" + key.translate(ESCAPED)


def _quoted(text: str) -> str:
    return '"' + text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;") + '"'
