"""Checks the node lists of fields: the nodes exist, and nothing that an approval signs is hidden from its approvers.

An approval signs what it lets run: the automations and sub-tickets after it. Whatever ran before it, or runs in another
branch of a fork, needs only the approvals on its own path (see tickets/commands/execution.py), so its details may be
hidden at other approvals; their digest covers the whole form anyway.
"""

from collections.abc import Iterator
from functools import cache, partial
from typing import Any

from templates_engine.findings.finding import Finding, suggest
from templates_engine.language.keys import fields_read, reads_plainly
from templates_engine.parts import ACCESS, Access
from templates_engine.proofs.base import Subject, onward

CONTRADICTIONS: tuple[tuple[Access, Access], ...] = (("readonly_at", "editable_at"), ("hidden_at", "editable_at"))
PEOPLE_DECIDE = ("approval", "confirm")
RUNS = ("automation", "subticket")


def prove(subject: Subject) -> Iterator[Finding]:
    """Findings for nodes without a decision, contradictory settings, and hidden fields that decide what runs."""
    running = _running(subject)
    behind = cache(partial(_behind, subject))
    for index, item in enumerate(subject.document["form"]):
        path = f"form[{index}]"
        for place in ACCESS:
            yield from _unknown(subject, item.get(place, []), f"{path}.{place}")
        for one, other in CONTRADICTIONS:
            for position, key in enumerate(item.get(other, [])):
                if key in item.get(one, []):
                    details = {"key": key, "one": one, "other": other}
                    yield Finding("contradictory_access", f"{path}.{other}[{position}]", details)
        for position, key in enumerate(item.get("hidden_at", [])):
            if key not in subject.nodes or subject.nodes[key]["type"] != "approval":
                continue
            reads = [node for node in behind(key) if item["key"] in running.get(node, ())]
            if reads:
                details = {"field": item["key"], "key": key, "runs": reads[0]}
                yield Finding("hidden_but_signed", f"{path}.hidden_at[{position}]", details)


def _unknown(subject: Subject, keys: list[str], path: str) -> Iterator[Finding]:
    known = [key for key, node in subject.nodes.items() if node["type"] in PEOPLE_DECIDE]
    for position, key in enumerate(keys):
        if key not in known:
            yield Finding("unknown_node", f"{path}[{position}]", {"key": key, "suggestion": suggest(key, known)})


def _running(subject: Subject) -> dict[str, set[str]]:
    """Node → keys of the fields that decide what it runs."""
    every = [item["key"] for item in subject.document["form"]]
    return {
        key: {name for text in _texts(node) for name in (fields_read(text) if reads_plainly(text) else every)}
        for key, node in subject.nodes.items()
        if node["type"] in RUNS
    }


def _behind(subject: Subject, start: str) -> list[str]:
    """The nodes that can be reached from this one, nearest first."""
    seen, waiting = {start}, [start]
    for key in waiting:
        for other in onward(subject.nodes[key]):
            if other is not None and other in subject.nodes and other not in seen:
                seen.add(other)
                waiting.append(other)
    return waiting[1:]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
