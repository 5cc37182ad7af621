"""Compare plan, people and way of two contents of a ticket: is it still what was signed? (I05)"""

from collections.abc import Collection
from typing import Any

from templates_engine.approvers import answers
from templates_engine.program.route import Unplannable, way
from tickets.engine.walk import Walk
from tickets.errors import Invalid
from tickets.models import ContentVersion
from tickets.models.node_visit import PEOPLE
from tickets.rules.circumstances import circumstances, content_facts
from tickets.rules.ways import behind, walked


def same_course(
    walk: Walk, before: ContentVersion, after: ContentVersion, places: Collection[str] | None = None
) -> bool:
    """Whether both contents run the same, ask the same people, and take the same branches.

    places: where the ticket stands; people and branches are then compared only up to there, else on the whole way.
    Raises Invalid if the way cannot be evaluated.
    """
    if (before.plans, before.children) != (after.plans, after.children):
        return False
    try:
        return _course(walk, before, places) == _course(walk, after, places)
    except Unplannable as error:
        raise Invalid([error.finding.render()]) from error


def _course(walk: Walk, content: ContentVersion, places: Collection[str] | None) -> list[Any]:
    program, facts = walk.program, content_facts(content)
    if places is None:
        steps = way(program, facts)
        taken: list[Any] = [[step.node, step.within] for step in steps]
        nodes = [step.node for step in steps]
    else:
        taken = walked(program, facts, places)
        nodes = [*behind(program, facts, places), *places]
    return [taken, [_people(walk, content, key) for key in nodes if program.node(key)["type"] in PEOPLE]]


def _people(walk: Walk, content: ContentVersion, key: str) -> list[Any]:
    """What the content says about who is assigned at a node."""
    node = walk.program.node(key)
    asked = circumstances(walk.ticket, walk.program, walk.organisation, content)
    return [key, answers(node.get("approvers") or node["assignees"], asked, key)]
