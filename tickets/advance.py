"""Walking the chain: from a node to the next until somebody, or the machine, has to act."""

from collections.abc import Collection, Sequence

from tickets.events import Kind
from tickets.models import NodeVisit
from tickets.nodes import WALKERS
from tickets.nodes.coming_back import LostWay, come_back, into_fork, pass_over
from tickets.states import TicketState
from tickets.walk import OPEN, Walk


def advance(walk: Walk, *keys: str | None, ahead: Collection[str] = ()) -> None:
    """Enter these nodes, in their order, and what follows them; at the end of the chain the ticket is complete.

    ahead: nodes to come back to. What lies before them is done and is passed over.
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
    """Enter these next. Raises LostWay where the chain ends before what was to be come back to."""
    if ahead and None in keys:
        raise LostWay(f"{walk.ticket.number} does not come back to {', '.join(ahead)}")
    for key in reversed(keys):
        if key is not None:
            walk.todo.append(key)
            if ahead:
                walk.ahead[key] = list(ahead)


def _go_on_later(walk: Walk, key: str, following: Sequence[str | None], ahead: list[str]) -> None:
    """Behind a node that was entered: at once where nobody is waited for, else once it is done."""
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
    """Close a visit and walk on behind its node, or to what was to be come back to."""
    walk.close_visit(visit, outcome)
    advance(walk, walk.program.node(visit.node)["next"], ahead=visit.reopen)


def settle(walk: Walk, visit: NodeVisit) -> None:
    """After a positive decision: close the visit and walk on, if that was enough."""
    outcome = WALKERS[visit.type].settle(walk, visit)
    if outcome is not None:
        go_on(walk, visit, outcome)
