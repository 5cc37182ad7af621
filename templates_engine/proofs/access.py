"""What the fields say about nodes: the nodes exist, and nobody signs what is hidden from him."""

from collections.abc import Iterator
from typing import Any

from templates_engine.expressions import fields_read
from templates_engine.findings import Finding, suggest
from templates_engine.proofs.base import Subject

PLACES = ("editable_at", "readonly_at", "hidden_at")
CONTRADICTIONS = (("readonly_at", "editable_at"), ("hidden_at", "editable_at"))
PEOPLE_DECIDE = ("approval", "confirm")
RUNS = ("automation", "subticket")


def prove(subject: Subject) -> Iterator[Finding]:
    """Nodes that nobody decides at, a field both read-only and editable, hidden fields that decide what runs."""
    running = list(_running(subject))
    for index, item in enumerate(subject.document["form"]):
        path = f"form[{index}]"
        for place in PLACES:
            yield from _unknown(subject, item.get(place, []), f"{path}.{place}")
        for one, other in CONTRADICTIONS:
            for position, key in enumerate(item.get(other, [])):
                if key in item.get(one, []):
                    details = {"key": key, "one": one, "other": other}
                    yield Finding("contradictory_access", f"{path}.{other}[{position}]", details)
        for position, key in enumerate(item.get("hidden_at", [])):
            reads = [node for node, fields in running if item["key"] in fields]
            if reads and subject.nodes.get(key, {}).get("type") == "approval":
                details = {"field": item["key"], "key": key, "runs": reads[0]}
                yield Finding("hidden_but_signed", f"{path}.hidden_at[{position}]", details)


def _unknown(subject: Subject, keys: list[str], path: str) -> Iterator[Finding]:
    known = [key for key, node in subject.nodes.items() if node["type"] in PEOPLE_DECIDE]
    for position, key in enumerate(keys):
        if key not in known:
            yield Finding("unknown_node", f"{path}[{position}]", {"key": key, "suggestion": suggest(key, known)})


def _running(subject: Subject) -> Iterator[tuple[str, set[str]]]:
    """(node, keys of the fields that decide what it runs)."""
    for key, node in subject.nodes.items():
        if node["type"] in RUNS:
            yield key, {name for text in _texts(node) for name in fields_read(text)}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
