"""Finds the templates that a template opens sub-tickets of."""

from collections.abc import Mapping
from typing import Any


def children_of(document: Mapping[str, Any]) -> set[str]:
    """The templates that a checked document opens sub-tickets of."""
    found: set[str] = set()
    waiting: list[Any] = [document["chain"]]
    while waiting:
        for node in waiting.pop():
            if node["type"] == "subticket":
                found.add(node["template"])
            waiting += [inner["chain"] for key in ("cases", "branches") for inner in node.get(key, [])]
    return found
