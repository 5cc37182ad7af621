"""Walking the chain: from a node to the next until somebody, or the machine, has to act."""

from collections.abc import Iterable

from tickets.events import Kind
from tickets.models import NodeVisit
from tickets.nodes import WALKERS
from tickets.states import TicketState
from tickets.walk import OPEN, Walk


def advance(walk: Walk, *keys: str | None) -> None:
    """Enter these nodes, in their order, and what follows them; at the end of the chain the ticket is complete."""
    walk.todo += [key for key in reversed(keys) if key is not None]
    while walk.todo:
        key = walk.todo.pop()
        following = WALKERS[walk.program.node(key)["type"]].enter(walk, key)
        if key == walk.asked_again and walk.coming_back:
            following = _coming_back(walk, key)
        walk.todo += [after for after in reversed(following) if after is not None]
    settle_state(walk)
    for child in walk.born:
        if child.ticket.state == TicketState.DRAFT:
            hand_in(child)


def hand_in(walk: Walk) -> None:
    """The ticket is handed in, and its chain begins."""
    walk.ticket.submit(at=walk.at)
    walk.record(
        Kind.TICKET_SUBMITTED,
        content=walk.content.number,
        digest=walk.content.digest,
        title=walk.ticket.title,
        template_version=walk.program.version,
    )
    advance(walk, walk.program.start)


def settle_state(walk: Walk) -> None:
    """The ticket's state follows from what is open: a failed job, a job, somebody's turn, or nothing at all."""
    ticket, opened = walk.ticket, walk.open_visits()
    jobs = [visit.outcome for visit in opened if visit.type == "automation"]
    wanted = TicketState.FAILED if "failed" in jobs else TicketState.EXECUTING if jobs else TicketState.APPROVING
    moves = {
        (TicketState.APPROVING, TicketState.EXECUTING): ticket.execute,
        (TicketState.EXECUTING, TicketState.APPROVING): ticket.approve_again,
        (TicketState.EXECUTING, TicketState.FAILED): ticket.fail,
        (TicketState.FAILED, TicketState.EXECUTING): ticket.retry,
        (TicketState.FAILED, TicketState.APPROVING): ticket.resolve,
    }
    move = moves.get((TicketState(ticket.state), wanted))
    if move is not None:
        move()
    if not opened and ticket.state == TicketState.APPROVING:
        ticket.complete(at=walk.at)
        walk.record(Kind.TICKET_COMPLETED, system=True)


def go_on(walk: Walk, visit: NodeVisit, outcome: str) -> None:
    """Close a visit and walk on behind its node, or to where a return came from."""
    walk.close_visit(visit, outcome)
    if visit.reopen:
        reopen(walk, visit.reopen)
    else:
        advance(walk, walk.program.node(visit.node)["next"])


def _coming_back(walk: Walk, key: str) -> tuple[()]:
    """What a return with `resume: here` came from is opened again behind its node: later, or at once if that passed."""
    visit, back = walk.last_visit(key), walk.coming_back
    walk.coming_back = []
    if visit is not None and visit.state == OPEN:
        visit.reopen = back
        walk.changed(visit)
    else:
        reopen(walk, back)
    return ()


def reopen(walk: Walk, keys: Iterable[str]) -> None:
    """Open again what a return had closed, as it was: forks without starting their branches anew.

    What itself was about to come back to where an earlier return came from still is.
    """
    leaves: dict[str, list[str]] = {}
    for key in keys:
        if walk.program.node(key)["type"] == "parallel":
            walk.open_visit(key)
        else:
            before = walk.last_visit(key)
            leaves[key] = before.reopen if before else []
    advance(walk, *leaves)
    for key, back in leaves.items():
        visit = walk.last_visit(key)
        if visit is not None and back and visit.state == OPEN:
            visit.reopen = back
            walk.changed(visit)


def settle(walk: Walk, visit: NodeVisit) -> None:
    """After a positive decision: close the visit and walk on, if that was enough."""
    outcome = WALKERS[visit.type].settle(walk, visit)
    if outcome is not None:
        go_on(walk, visit, outcome)
