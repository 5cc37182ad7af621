"""Proves that every node is reached and every path from the start ends."""

from collections.abc import Iterator

from templates_engine.findings.finding import Finding
from templates_engine.proofs.base import Subject, onward


def prove(subject: Subject) -> Iterator[Finding]:
    """Findings for edges to missing nodes, cycles, and unreachable nodes. Each node is visited once."""
    reached: set[str] = set()
    under_way: set[str] = set()
    start = subject.program["start"]
    stack: list[tuple[str, Iterator[str | None]]] = []
    edges: Iterator[str | None] = iter([start])
    here = "start"
    while True:
        following = next(edges, _DONE)
        if following is _DONE:
            under_way.discard(here)
            if not stack:
                break
            here, edges = stack.pop()
        elif following is None:
            continue
        elif following not in subject.nodes:
            yield Finding("dead_end", subject.path(here), {"key": here, "to": following})
        elif following in under_way:
            yield Finding("endless_chain", subject.path(following), {"key": following})
        elif following not in reached:
            stack.append((here, edges))
            here, edges = following, onward(subject.nodes[following])
            reached.add(here)
            under_way.add(here)
    for key in subject.nodes:
        if key not in reached:
            yield Finding("unreachable_node", subject.path(key), {"key": key})


_DONE = "/done"  # no node has this key: keys do not start with a slash
