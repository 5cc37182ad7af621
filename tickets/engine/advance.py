"""Advance a ticket through its chain until a person or a job has to act."""

from collections.abc import Collection, Sequence

from tickets.engine.nodes import WALKERS
from tickets.engine.nodes.coming_back import LostWay, come_back, into_fork, pass_over
from tickets.engine.walk import OPEN, Walk
from tickets.models import NodeVisit
from tickets.states import TicketState
from tickets.trail.events import Kind


def advance(walk: Walk, *keys: str | None, ahead: Collection[str] = ()) -> None:
    """Enter these nodes, in order, and what follows them; at the end of the chain the ticket is complete.

    ahead: nodes to come back to. Nodes before them are done and are skipped.
    """
    _next(walk, keys, ahead)
    while walk.todo:
        key = walk.todo.pop()
        before = walk.ahead.pop(key, [])
        if any(key in walk.program.forks_of(node) for node in before):
            into_fork(walk, key, before)
        elif before and key not in before and key != walk.asked_again:
            _next(walk, pass_over(walk, key), before)
        else:
            following = come_back(walk, key) if before else None
            if following is None:
                following = WALKERS[walk.program.node(key)["type"]].enter(walk, key)
            _go_on_later(walk, key, following, [node for node in before if node != key])
    settle_state(walk)
    for child in walk.born:
        if child.ticket.state == TicketState.DRAFT:
            hand_in(child)


def _next(walk: Walk, keys: Sequence[str | None], ahead: Collection[str]) -> None:
    """Enter these next. Raises LostWay if the chain ends before the nodes to come back to."""
    if ahead and None in keys:
        raise LostWay(f"{walk.ticket.number} does not come back to {', '.join(ahead)}")
    for key in reversed(keys):
        if key is not None:
            walk.todo.append(key)
            if ahead:
                walk.ahead[key] = list(ahead)


def _go_on_later(walk: Walk, key: str, following: Sequence[str | None], ahead: list[str]) -> None:
    """Queue what follows an entered node: at once if nothing is waited for, else when the visit closes."""
    node, visit = walk.program.node(key), walk.last_visit(key)
    if node["type"] == "join" and following:
        fork = walk.last_visit(node["fork"])
        ahead = fork.reopen if fork else []
    if ahead and visit is not None and visit.state == OPEN and visit.type != "parallel":
        visit.reopen = ahead
        walk.changed(visit)
        ahead = []
    _next(walk, following, ahead)


def hand_in(walk: Walk) -> None:
    """Submit the ticket and start its chain."""
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
    """Set the ticket's state from its open visits: a failed job, a job, a waiting person, or nothing."""
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
        walk.record_by_system(Kind.TICKET_COMPLETED)


def go_on(walk: Walk, visit: NodeVisit, outcome: str) -> None:
    """Close a visit and advance behind its node, or to the nodes to come back to."""
    walk.close_visit(visit, outcome)
    advance(walk, walk.program.node(visit.node)["next"], ahead=visit.reopen)


def settle(walk: Walk, visit: NodeVisit) -> None:
    """After a positive decision: close the visit and advance, if the node has enough votes."""
    outcome = WALKERS[visit.type].settle(walk, visit)
    if outcome is not None:
        go_on(walk, visit, outcome)
