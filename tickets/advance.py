"""Walking the chain: from a node to the next until somebody, or the machine, has to act."""

from tickets.events import Kind
from tickets.models import NodeVisit
from tickets.nodes import WALKERS
from tickets.nodes.base import WAIT
from tickets.walk import Walk


def advance(walk: Walk, key: str | None) -> None:
    """Enter nodes from `key` on; at the end of the chain the ticket is complete."""
    while key is not None and key != WAIT:
        key = WALKERS[walk.program.node(key)["type"]].enter(walk, key)
    if key is None and not walk.open_visits():
        walk.ticket.complete(at=walk.at)
        walk.record(Kind.TICKET_COMPLETED, system=True)


def go_on(walk: Walk, visit: NodeVisit, outcome: str) -> None:
    """Close a visit and walk on behind its node."""
    walk.close_visit(visit, outcome)
    advance(walk, walk.program.node(visit.node)["next"])


def settle(walk: Walk, visit: NodeVisit) -> None:
    """After a positive decision: close the visit and walk on, if that was enough."""
    outcome = WALKERS[visit.type].settle(walk, visit)
    if outcome is not None:
        go_on(walk, visit, outcome)
