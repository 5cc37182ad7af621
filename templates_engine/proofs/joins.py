"""Every join completes: each branch of a fork comes to exactly that fork's join, on every way, and shares no node."""

from collections.abc import Iterator

from templates_engine.findings import Finding
from templates_engine.proofs.base import Subject, onward
from templates_engine.text import Text, both


def prove(subject: Subject) -> Iterator[Finding]:
    """What keeps a join waiting for ever, or lets it go on too early."""
    inside: dict[str, set[str]] = {}
    for key, node in subject.nodes.items():
        if node["type"] == "parallel":
            inside[key] = set()
            for why in _problems(subject, key, inside[key]):
                yield Finding("join_never_completes", subject.path(key), {"key": key, "why": why})
    for key, node in subject.nodes.items():
        for following in onward(node):
            fork = subject.nodes.get(following or "", {}).get("fork")
            if fork is not None and key not in inside.get(fork, set()) and key != fork:
                why = both(f"{key} 从外面通向它", f"{key} leads to it from outside")
                yield Finding("join_never_completes", subject.path(fork), {"key": fork, "why": why})


def _problems(subject: Subject, fork: str, seen: set[str]) -> Iterator[Text]:
    join = subject.nodes[fork]["next"]
    if subject.nodes.get(join or "", {}).get("fork") != fork:
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
    """(the nodes of a branch, whether some way out of it passes the join by)."""
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
