"""on_edit: which decisions fall with a change that keeps plan, people and way, and how those people are asked again."""

from collections.abc import Collection

from templates_engine.forms.important import is_important
from templates_engine.forms.values import FieldChange
from tickets.commands.closing import close, mark_begun, withdraw_children
from tickets.engine.advance import advance
from tickets.engine.walk import Walk
from tickets.models import NodeVisit
from tickets.rules.ways import behind, way_to


def fallen_nodes(walk: Walk, diff: list[FieldChange], places: Collection[str], *, edited_at: str = "") -> list[str]:
    """The nodes whose people are asked again because of this change, in chain order.

    A node's own `on_edit` counts first, then that of the node where the edit is made. Without either, a change of
    important fields asks again those who approved. A resubmission after a return asks only nodes whose own `on_edit`
    says so. Approvals before a job that has begun are not asked again. places: where the ticket stands.
    """
    program = walk.program
    there = program.node(edited_at).get("on_edit") if edited_at else "inform"
    usual = there or ("ask_again" if is_important(program.form, diff) else "inform")
    shut = before_begun(walk, begun(walk, places))
    found = []
    for key in dict.fromkeys([*behind(program, walk.facts(), places), *places]):
        node = program.node(key)
        own = node.get("on_edit", usual if node["type"] == "approval" else "inform")
        if own == "ask_again" and key not in shut and is_signed(walk, key):
            found.append(key)
    return found


def is_signed(walk: Walk, key: str) -> bool:
    """Whether a decision made at this node still stands."""
    visit = walk.last_visit(key)
    return visit is not None and any(walk.stands(task) for task in walk.tasks_of(visit))


def begun(walk: Walk, places: Collection[str]) -> list[str]:
    """The nodes on this way whose job, or a sub-ticket's job, has begun."""
    nodes = [*behind(walk.program, walk.facts(), places), *places]
    visits = [visit for visit in map(walk.last_visit, nodes) if visit is not None]
    mark_begun(walk, visits)
    return [visit.node for visit in visits if visit.has_begun]


def before_begun(walk: Walk, begun: Collection[str]) -> set[str]:
    """The nodes before these."""
    return {key for node in begun for key in way_to(walk.program, walk.facts(), node)}


def nodes_again(walk: Walk, fallen: Collection[str], places: Collection[str]) -> list[str]:
    """The completed nodes to enter again: those whose decisions fell, and those passed because of such decisions.

    In chain order.
    """
    if not fallen:
        return []
    shut = before_begun(walk, begun(walk, places))
    done = [key for key in behind(walk.program, walk.facts(), places) if key not in places and key not in shut]
    return [key for key in done if key in fallen or _leans(walk, walk.last_visit(key))]


def _leans(walk: Walk, visit: NodeVisit | None) -> bool:
    """Whether seats were passed there because of signatures given elsewhere (dedup)."""
    if visit is None or visit.type != "approval" or walk.program.node(visit.node)["dedup"] == "none":
        return False
    return bool(visit.passed) or visit.outcome == "passed"


def ask_again(walk: Walk, fallen: Collection[str]) -> None:
    """Go back to the nodes whose decisions fell, as after a return with `resume: here`.

    Open visits behind them are closed and come back to later; decisions that stand are kept.
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
    """The open visit that leads to this node, if the ticket has yet to come back there."""
    around, before = walk.program.within(key), way_to(walk.program, walk.facts(), key)
    for visit in walk.open_visits():
        here = walk.program.within(visit.node)
        if here == around[: len(here)] and visit.node in before and visit.node not in walk.program.forks_of(key):
            return visit
    return None
