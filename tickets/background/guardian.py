"""The guardian finds open tickets that nobody can move; it corrects or reports them (I10, F40).

People leave, roles become empty, rules find nobody. A seat whose assignee has left is escalated; a node without a
seat is evaluated again with today's organisation. What is still stuck is reported once, and listed until an
administrator reassigns it, or withdraws it if it was returned to an applicant who has left.
"""

import logging
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.organisation.people import person
from templates_engine.approvers import seat_people
from templates_engine.text import both
from tickets.engine.escalation import escalate_task
from tickets.engine.nodes.seating import ask, ask_above, stuck
from tickets.engine.walk import OPEN, Walk, lock
from tickets.models import NodeVisit
from tickets.queries.stuck import deserted_visits, untold_tickets
from tickets.trail.events import Kind

logger = logging.getLogger("baton.guardian")
LEFT = both("负责人已离开", "the person has left")
NO_APPLICANT = both("申请人已离开", "the applicant has left")


def sweep(at: datetime | None = None) -> int:
    """Check every ticket that waits for a missing person; returns how many places were checked."""
    now = at or timezone.now()
    looks = [partial(mend, visit_id=pk) for pk in deserted_visits().order_by("pk").values_list("pk", flat=True)]
    looks += [partial(tell, number=number) for number in untold_tickets().values_list("number", flat=True)]
    for look in looks:
        try:
            look(at=now)
        except Exception:
            logger.exception("guardian.failed", extra=look.keywords)
    return len(looks)


@transaction.atomic
def mend(*, visit_id: int, at: datetime) -> None:
    """Find people for one visit; report it as stuck if there are none."""
    walk = lock(at, visit=visit_id)
    visit = next(visit for visit in walk.visits if visit.pk == visit_id)
    if visit.state != OPEN:
        return
    before = walk.ticket.event_seq
    waiting = walk.pending(visit)
    there = {person.username for person in walk.organisation.by_usernames([t.assignee.username for t in waiting])}
    left = [task for task in waiting if task.assignee.username not in there]
    walk.organisation.know(managers_of=(person(task.assignee) for task in left))
    for task in left:
        escalate_task(walk, task, LEFT)
    if not waiting:
        _seat_again(walk, visit)
    elif not there and not any(task for task in walk.pending(visit) if task.pk is None):
        stuck(walk, visit, LEFT)
    if walk.ticket.event_seq != before:
        walk.save()


@transaction.atomic
def tell(*, number: str, at: datetime) -> None:
    """Report that a returned ticket has no applicant who could submit it again."""
    walk = lock(at, number=number)
    if untold_tickets().filter(pk=walk.ticket.pk).exists():
        node = walk.ticket.returned_from
        where: dict[str, Any] = {"node": node, "name": walk.program.node(node)["name"]} if node else {}
        walk.record_by_system(Kind.TICKET_STUCK, problem=NO_APPLICANT, **where)
        walk.save()


def _seat_again(walk: Walk, visit: NodeVisit) -> None:
    """Evaluate the node with today's organisation; a stuck node is never passed, whatever the template allows."""
    if walk.tasks_of(visit):
        ask_above(walk, visit)
        return
    seating = seat_people(walk.program.node(visit.node), walk.circumstances())
    if seating.seats:
        ask(walk, visit, seating.seats)
    else:
        stuck(walk, visit, seating.problem)
