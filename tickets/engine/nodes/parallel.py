"""并行: all branches at once, and the join behind them."""

from collections.abc import Sequence

from tickets.engine.nodes.base import WAIT, NodeWalker, behind
from tickets.engine.walk import Walk


class Parallel(NodeWalker):
    """Opens every branch. Its visit stays open until the join closes it: one token for all branches."""

    def enter(self, walk: Walk, key: str) -> Sequence[str | None]:
        """Returns the first node of every branch; for an empty branch this is the join."""
        walk.open_visit(key)
        return [branch["first"] for branch in walk.program.node(key)["branches"]]


class Join(NodeWalker):
    """Waits for the other branches, under the ticket's lock; the last branch to arrive goes on."""

    def enter(self, walk: Walk, key: str) -> Sequence[str | None]:
        """Go on behind the fork, once nothing inside it is open or still to be entered."""
        fork = walk.program.node(key)["fork"]
        inside = [visit.node for visit in walk.open_visits()] + walk.todo
        if key in walk.todo or any(fork in walk.program.forks_of(node) for node in inside):
            return WAIT
        visit = walk.last_visit(fork)
        if visit is not None:
            walk.close_visit(visit, "joined")
        return behind(walk, key)
