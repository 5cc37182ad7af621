"""What the fields say about nodes: the nodes exist, and nobody signs what is hidden from him.

Signed is what an approval lets happen: the automations and sub-tickets that come behind it. What ran before it, or runs
in another branch of a fork, asks only for the approvals on its own way (see tickets/commands/execution.py), so an
approval behind it may well be spared the details, though its digest covers the whole form as every digest does.
"""

from collections.abc import Iterator
from functools import cache, partial
from typing import Any

from templates_engine.findings import Finding, suggest
from templates_engine.keys import fields_read, reads_plainly
from templates_engine.proofs.base import Subject, onward

PLACES = ("editable_at", "readonly_at", "hidden_at")
CONTRADICTIONS = (("readonly_at", "editable_at"), ("hidden_at", "editable_at"))
PEOPLE_DECIDE = ("approval", "confirm")
RUNS = ("automation", "subticket")


def prove(subject: Subject) -> Iterator[Finding]:
    """Nodes that nobody decides at, a field both read-only and editable, hidden fields that decide what runs."""
    running = _running(subject)
    behind = cache(partial(_behind, subject))
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
            if subject.nodes.get(key, {}).get("type") != "approval":
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
    """The nodes that the chain may come to from this one, nearest first."""
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
