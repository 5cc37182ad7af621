"""The way through a chain up to a node: pure, by the conditions as they are for these facts."""

from collections.abc import Iterator

from templates_engine.expressions import Facts
from templates_engine.program import Program
from templates_engine.route import taken_case


def way_to(program: Program, facts: Facts, target: str) -> list[str]:
    """The nodes that must be done before `target` is, in order; branches and joins left out, forks named.

    What lies in another branch of a fork around the target does not come before it. Empty, too, where the target is
    not on the way at all: ask `is_on_way`. Raises Unplannable.
    """
    way = list(_walk(program, facts, program.start, target))
    return way[: way.index(target)] if target in way else []


def is_on_way(program: Program, facts: Facts, target: str) -> bool:
    """Whether these facts lead to this node. Raises Unplannable."""
    return target in _walk(program, facts, program.start, target)


def _walk(program: Program, facts: Facts, key: str | None, target: str) -> Iterator[str]:
    """Node after node until the target; a fork around it is walked in the target's branch only."""
    inside = dict(program.within(target))
    while key is not None:
        node = program.node(key)
        if node["type"] == "branch":
            key = taken_case(program, key, facts)["first"]
            continue
        if node["type"] == "join":
            return
        yield key
        if key == target:
            return
        if node["type"] == "parallel":
            for index, branch in enumerate(node["branches"]):
                if inside.get(key, index) == index:
                    yield from _walk(program, facts, branch["first"], target)
            if key in inside:
                return
            key = program.node(node["next"])["next"]
        else:
            key = node["next"]
