"""子工单: creates full tickets of other templates."""

from collections.abc import Sequence
from typing import Any

from templates_engine.program.program import Program
from templates_engine.store.programs import load
from tickets.engine.nodes.base import WAIT, NodeWalker, Page, behind
from tickets.engine.walk import Walk
from tickets.models import ContentVersion, NodeVisit, Participant, Ticket
from tickets.models.content import Child
from tickets.numbers import DEFAULT_PREFIX, NewIds, ids_for
from tickets.trail.events import Kind
from tickets.trail.shapes.runs import ChildOpened


class Subticket(NodeWalker):
    """Creates the children that were approved as part of the content (I12), and waits as its node says."""

    def enter(self, walk: Walk, key: str) -> Sequence[str | None]:
        """Create the children; without any, or with `wait: none`, go on at once."""
        visit = walk.open_visit(key)
        children = bear(walk, walk.content.children.get(key, []), key)
        told = [
            ChildOpened(number=child.ticket.number, template=child.program.key, title=child.ticket.title)
            for child in children
        ]
        walk.record_by_system(Kind.SUBTICKET_OPENED, children=told, **walk.node_facts(visit))
        walk.born += children
        if children and walk.program.node(key).get("wait", "all") != "none":
            return WAIT
        walk.close_visit(visit, "opened")
        return behind(walk, key)

    def shown(self, visit: NodeVisit, page: Page) -> dict[str, Any]:
        """{children}: the numbers of its sub-tickets."""
        return {"children": [child["number"] for child in page.children if child["visit"] == visit.pk]}


def bear(parent: Walk, children: Sequence[Child], node: str) -> list[Walk]:
    """The walks of new sub-tickets, with the contents that the parent's approvers saw; not submitted yet."""
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
