"""退回: where a ticket can be returned to, and which visits that closes. Pure."""

from collections.abc import Sequence

from templates_engine.program.program import Program
from tickets.models import ContentVersion, NodeVisit, Ticket
from tickets.rules.circumstances import content_facts
from tickets.rules.ways import way_to


def return_targets(program: Program, content: ContentVersion, visits: Sequence[NodeVisit], node: str) -> list[str]:
    """The nodes that a task at `node` can be returned to, besides the applicant; the nearest one last.

    These are approvals and confirmations really given on the way here, in the same branch or before the fork. A return
    never leads to before a job that has begun: a finished run cannot be approved again.
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
    """The node, and everything walked inside it if it is a fork."""
    return {other for other in visited if other == key or key in program.forks_of(other)}


def walked_since(program: Program, visits: Sequence[NodeVisit], target: str) -> list[NodeVisit]:
    """The visits that a return to this node undoes: all since it in its own branch, forks included."""
    around = program.within(target)
    since = max(index for index, visit in enumerate(visits) if visit.node == target)
    return [visit for visit in visits[since:] if program.within(visit.node)[: len(around)] == around]


def closed_by(program: Program, visits: Sequence[NodeVisit], target: str) -> list[NodeVisit]:
    """The open ones of these visits, which the return closes."""
    return [visit for visit in walked_since(program, visits, target) if visit.state == NodeVisit.State.OPEN]


def locked_fields(ticket: Ticket, program: Program) -> list[str]:
    """The fields that are read-only for the applicant, because of the node that returned the ticket."""
    origin = ticket.returned_from
    return [field["key"] for field in program.form if origin and origin in field.get("readonly_at", ())]
