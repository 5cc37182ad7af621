"""Checks that people who may use the template may also use its actions."""

from collections.abc import Callable, Iterator
from typing import Any

from accounts.organisation.people import Person
from templates_engine.findings.finding import Finding
from templates_engine.parts import Document
from templates_engine.ports import ActionCatalogue
from templates_engine.proofs.base import each_node
from templates_engine.proofs.people import named

MayUse = Callable[[tuple[Any, ...], Person], bool]


def not_for(document: Document, actions: ActionCatalogue, audience: list[Person], may: MayUse) -> Iterator[Finding]:
    """Findings for actions that some of the audience may not use: a warning; an error if nobody may."""
    for node, path, _assumed in each_node(document["chain"]):
        named_here = [(f"{path}.action", node["action"])] if node["type"] == "automation" and "action" in node else []
        named_here += [
            (f"{path}.stages[{at}].action", each["action"]) for at, each in enumerate(node.get("stages", []))
        ]
        for place, key in named_here:
            action = actions.get(key)
            lacking = [p for p in audience if action and action.usable_by and not may(action.usable_by, p)]
            if lacking and len(lacking) == len(audience):
                yield Finding("action_for_nobody", place, {"key": key})
            elif lacking:
                yield Finding("action_not_for", place, {"key": key, "people": named(lacking, audience)})
