"""抄送: notifies people and goes on."""

from collections.abc import Sequence

from templates_engine.approvers import found
from tickets.engine.nodes.base import NodeWalker, behind
from tickets.engine.walk import Walk
from tickets.models import Participant
from tickets.trail.events import Kind


class Cc(NodeWalker):
    """Notifies people and waits for nobody."""

    def enter(self, walk: Walk, key: str) -> Sequence[str | None]:
        """Record the recipients, close the visit, go on."""
        visit = walk.open_visit(key)
        people = [seat.person for seat in found(walk.program.node(key)["to"], walk.circumstances())]
        for person in people:
            walk.participate(person.id, Participant.Kind.CC)
        names = [person.username for person in people]
        walk.record_by_system(Kind.TICKET_COPIED, users=names, **walk.node_facts(visit))
        walk.close_visit(visit, "copied")
        return behind(walk, key)
