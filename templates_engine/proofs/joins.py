"""Proves that every join completes: each branch ends at its own fork's join on every path, and shares no node."""

from collections.abc import Iterator

from templates_engine.findings.finding import Finding
from templates_engine.proofs.base import Subject, onward
from templates_engine.text import Text, both


def prove(subject: Subject) -> Iterator[Finding]:
    """Findings for a join that would wait for ever or continue too early."""
    inside: dict[str, set[str]] = {}
    for key, node in subject.nodes.items():
        if node["type"] == "parallel":
            inside[key] = set()
            for why in _problems(subject, key, inside[key]):
                yield Finding("join_never_completes", subject.path(key), {"key": key, "why": why})
    for key, node in subject.nodes.items():
        for following in onward(node):
            joined = subject.nodes.get(following or "")
            fork = joined.get("fork") if joined else None
            if fork is not None and key not in inside.get(fork, set()) and key != fork:
                why = both(f"{key} 从外面通向它", f"{key} leads to it from outside")
                yield Finding("join_never_completes", subject.path(fork), {"key": fork, "why": why})


def _problems(subject: Subject, fork: str, seen: set[str]) -> Iterator[Text]:
    join = subject.nodes[fork]["next"]
    if join not in subject.nodes or subject.nodes[join].get("fork") != fork:
        yield both("它没有汇合点", "it has no join")
        return
    for branch in onward(subject.nodes[fork]):
        own, leaves = _branch(subject, branch, join)
        if leaves:
            yield both("有一个分支没有走到它", "a branch does not come to it")
        if own & seen:
            shared = ", ".join(sorted(own & seen)[:5])
            yield both(f"两个分支共用节点 {shared}", f"two branches share {shared}")
        seen |= own


def _branch(subject: Subject, first: str | None, join: str) -> tuple[set[str], bool]:
    """(the nodes of a branch, whether some path out of it misses the join)."""
    own: set[str] = set()
    leaves = False
    waiting = [first]
    while waiting:
        key = waiting.pop()
        if key == join or key in own:
            continue
        if key is None or key not in subject.nodes:
            leaves = True
            continue
        own.add(key)
        waiting += onward(subject.nodes[key])
    strangers = {subject.nodes[key]["fork"] for key in own if "fork" in subject.nodes[key]} - own
    return own, leaves or bool(strangers)
