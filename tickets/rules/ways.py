"""The way through a chain to a node, with the conditions evaluated for given facts. Pure."""

from collections.abc import Collection, Iterator
from typing import Any

from templates_engine.language.expressions import Facts
from templates_engine.program.program import Program
from templates_engine.program.route import taken_case, way


def way_to(program: Program, facts: Facts, target: str) -> list[str]:
    """The nodes that must be done before `target`, in order, without branches and joins, with forks.

    Nodes in another branch of a fork around the target do not come before it. Also empty if the target is not on the
    way at all: see `is_on_way`. Raises Unplannable.
    """
    way = list(_walk(program, facts, program.start, target))
    return way[: way.index(target)] if target in way else []


def is_on_way(program: Program, facts: Facts, target: str) -> bool:
    """Whether the way for these facts contains this node. Raises Unplannable."""
    return target in _walk(program, facts, program.start, target)


def walked(program: Program, facts: Facts, places: Collection[str]) -> list[Any]:
    """What lies behind a ticket's places for these facts: the way to each place, and every completed branch.

    places: the open nodes, and those to come back to. If two sets of facts give the same result, the steps walked under
    one are valid under the other. Raises Unplannable.
    """
    ways = [[is_on_way(program, facts, key), way_to(program, facts, key)] for key in places]
    return [ways, _done_branches(program, facts, places)]


def behind(program: Program, facts: Facts, places: Collection[str]) -> list[str]:
    """The nodes before these places and in completed branches, in chain order. Raises Unplannable."""
    found = [way_to(program, facts, key) for key in places] + _done_branches(program, facts, places)
    known = {node for nodes in found for node in nodes}
    return [step.node for step in way(program, facts) if step.node in known]


def _done_branches(program: Program, facts: Facts, places: Collection[str]) -> list[list[str]]:
    """For forks among the places: the nodes of each branch that contains no place."""
    steps = [(step.node, step.within) for step in way(program, facts)]
    inside = {place for key in places for place in program.within(key)}
    return [
        [node for node, within in steps if (fork, index) in within]
        for fork in places
        for index, _branch in enumerate(program.node(fork).get("branches", ()))
        if (fork, index) not in inside
    ]


def _walk(program: Program, facts: Facts, key: str | None, target: str) -> Iterator[str]:
    """Yield node after node until the target; of a fork around the target only the target's branch."""
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
