"""退回: where a ticket may be handed back to, and what that closes. Pure."""

from collections.abc import Sequence

from templates_engine.program import Program
from tickets.circumstances import content_facts
from tickets.models import ContentVersion, NodeVisit, Ticket
from tickets.walk import OPEN
from tickets.ways import way_to


def return_targets(program: Program, content: ContentVersion, visits: Sequence[NodeVisit], node: str) -> list[str]:
    """The nodes that a task at `node` may be returned to, besides the applicant; the nearest one last.

    Approvals and confirmations that were really given on the way here, in the same branch or before the fork; and
    never to before a job that has begun: what has run cannot be approved again for the same run.
    """
    last = {visit.node: visit for visit in visits}
    begun = {visit.node for visit in visits if visit.has_begun}
    targets: list[str] = []
    for key in way_to(program, content_facts(content), node):
        if begun & _inside(program, last, key):
            targets = []
        was_given = key in last and last[key].outcome in ("approved", "confirmed")
        if was_given and program.within(key) == program.within(node)[: len(program.within(key))]:
            targets.append(key)
    return targets


def _inside(program: Program, visited: dict[str, NodeVisit], key: str) -> set[str]:
    """The node, and all that was walked inside it where it is a fork."""
    return {other for other in visited if other == key or key in program.forks_of(other)}


def walked_since(program: Program, visits: Sequence[NodeVisit], target: str) -> list[NodeVisit]:
    """What a return to this node undoes: everything since it in its own branch, forks with their inside."""
    around = program.within(target)
    since = max(index for index, visit in enumerate(visits) if visit.node == target)
    return [visit for visit in visits[since:] if program.within(visit.node)[: len(around)] == around]


def closed_by(program: Program, visits: Sequence[NodeVisit], target: str) -> list[NodeVisit]:
    """The open visits among them, which it closes."""
    return [visit for visit in walked_since(program, visits, target) if visit.state == OPEN]


def locked_fields(ticket: Ticket, program: Program) -> list[str]:
    """The fields that the applicant may not change, because the node that returned the ticket makes them read-only."""
    origin = ticket.returned_from
    return [field["key"] for field in program.form if origin and origin in field.get("readonly_at", ())]
