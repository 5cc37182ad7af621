"""Checks whether the published templates that open sub-tickets of a template still fit its new version.

A problem is only a warning: the parents belong to other people, and some can only be changed afterwards.
"""

from collections.abc import Iterator, Mapping

from templates_engine.findings.finding import Finding
from templates_engine.language.directory import Directory
from templates_engine.language.expressions import Expressions
from templates_engine.nodes import NODE_TYPES
from templates_engine.nodes.base import Context
from templates_engine.nodes.opens import children_of
from templates_engine.parts import Document
from templates_engine.ports import ActionCatalogue
from templates_engine.proofs.base import each_node


def parents_of(key: str, published: Mapping[str, Document]) -> list[str]:
    """The keys of the other published templates that open sub-tickets from this one."""
    return [name for name, parent in published.items() if name != key and key in children_of(parent)]


def broken_parents(
    document: Document, published: Mapping[str, Document], directory: Directory, actions: ActionCatalogue
) -> Iterator[Finding]:
    """One finding for each parent whose sub-ticket would not fit this document after publication."""
    key = document["key"]
    templates = {**published, key: document}
    for name in parents_of(key, published):
        parent = published[name]
        context = Context(Expressions(parent["form"]), directory, actions, key=name, templates=templates)
        problem = next(_problems(parent, key, context), None)
        if problem is not None:
            details = {"key": name, "place": problem.path, "problem": problem.message}
            yield Finding("breaks_parent", "form", details)


def _problems(parent: Document, child: str, context: Context) -> Iterator[Finding]:
    for node, path, assumed in each_node(parent["chain"]):
        if node["type"] == "subticket" and node["template"] == child:
            context.assumed = assumed
            yield from NODE_TYPES["subticket"].check(node, path, context)
