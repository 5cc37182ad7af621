"""抄送: tells people and goes on."""

from collections.abc import Sequence

from templates_engine.approvers import found
from tickets.events import Kind
from tickets.models import Participant
from tickets.nodes.base import NodeWalker, behind
from tickets.walk import Walk


class Cc(NodeWalker):
    """People are told; nobody is waited for."""

    def enter(self, walk: Walk, key: str) -> Sequence[str | None]:
        """Tell, close, go on."""
        visit = walk.open_visit(key)
        people = [seat.person for seat in found(walk.program.node(key)["to"], walk.circumstances())]
        for person in people:
            walk.participate(person.id, Participant.Kind.CC)
        names = [person.username for person in people]
        walk.record(Kind.TICKET_COPIED, system=True, users=names, **walk.node_facts(visit))
        walk.close_visit(visit, "copied")
        return behind(walk, key)
