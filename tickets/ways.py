"""The way through a chain up to a node: pure, by the conditions as they are for these facts."""

from collections.abc import Collection, Iterator
from typing import Any

from templates_engine.expressions import Facts
from templates_engine.program import Program
from templates_engine.route import taken_case, way


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


def walked(program: Program, facts: Facts, places: Collection[str]) -> list[Any]:
    """What these facts put behind a ticket's places: the way to each of them, and every branch that is done.

    places: the open nodes, and those that are to be come back to. Where two facts give the same, what has been walked
    by the one was walked rightly by the other. Raises Unplannable.
    """
    ways = [[is_on_way(program, facts, key), way_to(program, facts, key)] for key in places]
    return [ways, _done_branches(program, facts, places)]


def behind(program: Program, facts: Facts, places: Collection[str]) -> list[str]:
    """The nodes before these places and in branches that are done, in the order of the chain. Raises Unplannable."""
    found = [way_to(program, facts, key) for key in places] + _done_branches(program, facts, places)
    known = {node for nodes in found for node in nodes}
    return [step.node for step in way(program, facts) if step.node in known]


def _done_branches(program: Program, facts: Facts, places: Collection[str]) -> list[list[str]]:
    """The nodes of each branch without a place, of forks that are places."""
    steps = [(step.node, step.within) for step in way(program, facts)]
    inside = {place for key in places for place in program.within(key)}
    return [
        [node for node, within in steps if (fork, index) in within]
        for fork in places
        for index, _branch in enumerate(program.node(fork).get("branches", ()))
        if (fork, index) not in inside
    ]


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
