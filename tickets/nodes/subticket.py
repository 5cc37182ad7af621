"""子工单: full tickets of their own template, made by this one."""

from collections.abc import Sequence

from templates_engine.program import Program, load
from tickets.events import Kind
from tickets.models import ContentVersion, Participant, Ticket
from tickets.models.content import Child
from tickets.nodes.base import WAIT, NodeWalker, behind
from tickets.numbers import DEFAULT_PREFIX, NewIds, ids_for
from tickets.walk import Walk


class Subticket(NodeWalker):
    """Makes the children that were approved as part of the content (I12), and waits as its node says."""

    def enter(self, walk: Walk, key: str) -> Sequence[str | None]:
        """Make them; no child at all, or `wait: none`, goes on at once."""
        visit = walk.open_visit(key)
        children = bear(walk, walk.content.children.get(key, []), key)
        told = [
            {"number": child.ticket.number, "template": child.program.key, "title": child.ticket.title}
            for child in children
        ]
        walk.record(Kind.SUBTICKET_OPENED, system=True, children=told, **walk.node_facts(visit))
        walk.born += children
        if children and walk.program.node(key).get("wait", "all") != "none":
            return WAIT
        walk.close_visit(visit, "opened")
        return behind(walk, key)


def bear(parent: Walk, children: Sequence[Child], node: str) -> list[Walk]:
    """The walks of new sub-tickets with the contents that the parent's approvers saw, not handed in yet."""
    if not children:
        return []
    programs = [load(child["template_version"]) for child in children]
    prefixes = [program.document.get("number_prefix", DEFAULT_PREFIX) for program in programs]
    drawn = ids_for(prefixes, parent.at)
    return [_new(parent, *born, node) for born in zip(children, programs, drawn, strict=True)]


def _new(parent: Walk, child: Child, program: Program, ids: NewIds, node: str) -> Walk:
    number, ticket_id, content_id = ids
    ticket = Ticket(
        id=ticket_id,
        number=number,
        template_version_id=child["template_version"],
        title=child["title"],
        applicant=parent.ticket.applicant,
        department_id=parent.ticket.department_id,
        priority=parent.ticket.priority,
        created_at=parent.at,
        parent=parent.ticket,
    )
    ticket.content = ContentVersion(
        id=content_id,
        ticket=ticket,
        number=1,
        created_by=parent.ticket.applicant,
        created_at=parent.at,
        **{key: child[key] for key in ("form", "facts", "plans", "children", "digest")},
    )
    walk = Walk(
        ticket, program, parent.at, organisation=parent.organisation, actor=parent.ticket.applicant, born_of=node
    )
    walk.participate(ticket.applicant_id, Participant.Kind.APPLICANT)
    walk.record(
        Kind.TICKET_CREATED, template=program.key, template_version=program.version, title=ticket.title,
        parent=parent.ticket.number,
    )  # fmt: skip
    return walk
