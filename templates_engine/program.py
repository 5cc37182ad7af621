"""Compiling a chain: from nested YAML to flat nodes with edges. The immutable thing that tickets walk."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from templates_engine.expressions import Expressions
from templates_engine.text import Text, both, localize


@dataclass(frozen=True)
class Program:
    """A compiled chain with the document it came from, and that version's number.

    nodes: key → the node as authored, plus `next` (a key, or None: the end) and `because`. A branch's cases hold
    `first` instead of a chain: the key to go on with when the case is taken.
    """

    key: str
    start: str | None
    nodes: dict[str, dict[str, Any]]
    form: list[dict[str, Any]]
    expressions: Expressions
    version: int
    document: dict[str, Any]

    def node(self, key: str) -> dict[str, Any]:
        """One node. Raises KeyError."""
        return self.nodes[key]


def compile_chain(document: dict[str, Any]) -> dict[str, Any]:
    """The program of a checked document, as plain JSON: {key, start, nodes, form}."""
    nodes: dict[str, dict[str, Any]] = {}
    start = _link(document["chain"], None, "", nodes)
    return {"key": document["key"], "start": start, "nodes": nodes, "form": document["form"]}


def _link(
    chain: list[dict[str, Any]], after: str | None, because: Text, nodes: dict[str, dict[str, Any]]
) -> str | None:
    """Add a chain's nodes, each pointing to its successor, the last to `after`; answers the first one's key."""
    following = after
    for authored in reversed(chain):
        node = {key: value for key, value in authored.items() if key not in ("node", "cases")}
        node |= {"next": following, "name": authored.get("name", authored["node"])}
        if because:
            node["because"] = because
        if "cases" in authored:
            node["cases"] = [_case(case, following, because, nodes) for case in authored["cases"]]
        nodes[authored["node"]] = node
        following = authored["node"]
    return following


def _case(case: dict[str, Any], after: str | None, because: Text, nodes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    condition: Text = case.get("when") or both("其他情况", "none of the other cases")
    if because:
        condition = both(
            f"{localize(because, 'zh')}，{localize(condition, 'zh')}",
            f"{localize(because, 'en')}, {localize(condition, 'en')}",
        )
    first = _link(case["chain"], after, condition, nodes)
    return {"name": case.get("name", ""), "when": case.get("when"), "first": first}


@lru_cache(maxsize=512)
def load(version_id: int) -> Program:
    """The program of a stored version, kept in this process: versions never change (I9)."""
    from templates_engine.models import TemplateVersion

    version = TemplateVersion.objects.defer("source").get(pk=version_id)
    return build(version.program, version.number, version.document)


def build(stored: dict[str, Any], number: int, document: dict[str, Any]) -> Program:
    """A program from its stored form."""
    form = stored["form"]
    return Program(stored["key"], stored["start"], stored["nodes"], form, Expressions(form), number, document)
