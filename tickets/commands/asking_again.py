"""on_edit: whose decision falls with a change that leaves plan, people and way alone, and how they are asked again."""

from collections.abc import Collection
from typing import Any

from templates_engine.weighty import is_weighty
from tickets.advance import advance
from tickets.commands.closing import close, mark_begun, withdraw_children
from tickets.models import NodeVisit
from tickets.walk import Walk
from tickets.ways import behind, way_to


def fallen_nodes(walk: Walk, diff: list[dict[str, Any]], places: Collection[str], *, edited_at: str = "") -> list[str]:
    """The nodes whose people are asked again because of this change of the content, in the order of the chain.

    What a node itself says about changes counts; where it says nothing, what the node says at which the edit is made;
    where that says nothing either, fields of weight ask again those who approved. A resubmission after a return asks
    nobody but those whose node says so. What has run is not approved again: who approved before a job that has begun
    is not asked. places: where the ticket stands.
    """
    program = walk.program
    there = program.node(edited_at).get("on_edit") if edited_at else "inform"
    usual = there or ("ask_again" if is_weighty(program.form, diff) else "inform")
    shut = before_begun(walk, _begun(walk, places))
    found = []
    for key in dict.fromkeys([*behind(program, walk.facts(), places), *places]):
        node = program.node(key)
        own = node.get("on_edit", usual if node["type"] == "approval" else "inform")
        if own == "ask_again" and key not in shut and _is_signed(walk, key):
            found.append(key)
    return found


def _is_signed(walk: Walk, key: str) -> bool:
    """Whether somebody has decided at this node, and it stands."""
    visit = walk.last_visit(key)
    return visit is not None and any(walk.stands(task) for task in walk.tasks_of(visit))


def _begun(walk: Walk, places: Collection[str]) -> list[str]:
    """The nodes of this pass whose job, or that of a sub-ticket, has begun."""
    nodes = [*behind(walk.program, walk.facts(), places), *places]
    visits = [visit for visit in map(walk.last_visit, nodes) if visit is not None]
    mark_begun(walk, visits)
    return [visit.node for visit in visits if visit.has_begun]


def before_begun(walk: Walk, begun: Collection[str]) -> set[str]:
    """The nodes before these."""
    return {key for node in begun for key in way_to(walk.program, walk.facts(), node)}


def nodes_again(walk: Walk, fallen: Collection[str], places: Collection[str]) -> list[str]:
    """The nodes that are done and must be entered again: those whose decisions fell, and those passed because of them.

    In the order of the chain.
    """
    if not fallen:
        return []
    shut = before_begun(walk, _begun(walk, places))
    done = [key for key in behind(walk.program, walk.facts(), places) if key not in places and key not in shut]
    return [key for key in done if key in fallen or _leans(walk, walk.last_visit(key))]


def _leans(walk: Walk, visit: NodeVisit | None) -> bool:
    """Whether seats were passed there because of signatures given elsewhere (dedup)."""
    if visit is None or visit.type != "approval" or walk.program.node(visit.node)["dedup"] == "none":
        return False
    return bool(visit.passed) or visit.outcome == "passed"


def ask_again(walk: Walk, fallen: Collection[str]) -> None:
    """Go back to those whose decisions fell, as if somebody had returned it to them with `resume: here`.

    What is open behind them is closed, and come back to as it stood: decisions that stand are kept.
    """
    program, facts, places = walk.program, walk.facts(), walk.places()
    again = nodes_again(walk, fallen, places)
    later = {key: visit for key in again if (visit := _comes_first(walk, key)) is not None}
    for key, visit in later.items():
        visit.reopen = [*visit.reopen, key]
        walk.changed(visit)
    again = [key for key in again if key not in later]
    closing = [
        visit
        for visit in walk.open_visits()
        if visit.node in fallen or any(key in way_to(program, facts, visit.node) for key in again)
    ]
    closed = close(walk, closing, "edited")
    withdraw_children(walk, closing)
    if again or closed:
        advance(walk, program.start, ahead=[*again, *closed])


def _comes_first(walk: Walk, key: str) -> NodeVisit | None:
    """The open visit that leads to this node, where the ticket has yet to come back there."""
    around, before = walk.program.within(key), way_to(walk.program, walk.facts(), key)
    for visit in walk.open_visits():
        here = walk.program.within(visit.node)
        if here == around[: len(here)] and visit.node in before and visit.node not in walk.program.forks_of(key):
            return visit
    return None
