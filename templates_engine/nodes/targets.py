"""Checks `targets`: an expression that returns a list of host names and nothing else (A30)."""

import re
from collections.abc import Iterator

from templates_engine.findings.finding import Finding
from templates_engine.language.syntax import Node
from templates_engine.nodes.base import Context
from templates_engine.nodes.rules import check_expression

# The planner's rules for host names, applied to the literal names in a template.
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,126}[A-Za-z0-9])?")
NO_HOSTS = frozenset({"all", "ungrouped", "localhost", "localhost.localdomain", "ip6-localhost", "none"})


def check_targets(source: str, path: str, context: Context) -> Iterator[Finding]:
    """Findings for a result that is no list of strings, unguarded reads, an empty list, and names that are no hosts."""
    problems = check_expression(source, path, context, "LIST<STRING>", "LIST<DYN>")
    yield from problems
    tree = context.expressions.checker.tree(source)
    if tree is None:
        return
    if _may_be_nothing(tree.root):
        yield Finding("bad_target", path, {"value": "[]"})
    for name in _names(tree.root):
        if not _is_host(name):
            yield Finding("bad_target", path, {"value": name})


def _may_be_nothing(node: Node) -> bool:
    """Whether one of its possible results is a literal empty list."""
    if node.kind == "call" and node.name in ("_+_", "_?_:_"):
        needed = all if node.name == "_+_" else any
        return needed(map(_may_be_nothing, node.parts[-2:]))
    return node.kind == "list" and not node.parts


def _names(node: Node) -> Iterator[str]:
    """The literal names in a list, in the ways of a ternary and in the parts of a sum."""
    if node.kind == "list":
        yield from (str(part.value) for part in node.parts if part.kind == "const")
    elif node.kind == "call" and node.name in ("_+_", "_?_:_"):
        for part in node.parts[-2:]:
            yield from _names(part)


def _is_host(name: str) -> bool:
    return HOST.fullmatch(name) is not None and name.lower() not in NO_HOSTS and not name.startswith("127.")
