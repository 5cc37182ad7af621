"""The guardian: open tickets that nobody can move are mended where they can be, else told and listed (I10, F40).

People leave, roles are emptied, rules find nobody. A seat whose person has left goes up; a node without a seat is asked
of today's organisation again; what is still stuck is said once, and listed until an administrator reassigns it, or
withdraws it where it was returned to an applicant who has left.
"""

import logging
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.people import person
from templates_engine.approvers import seat_people
from templates_engine.text import both
from tickets.escalation import escalate_task
from tickets.events import Kind
from tickets.models import NodeVisit
from tickets.nodes.seating import ask, ask_above, stuck
from tickets.queries.stuck import deserted_visits, untold_tickets
from tickets.walk import OPEN, Walk, lock

logger = logging.getLogger("baton.guardian")
LEFT = both("负责人已离开", "the person has left")
NO_APPLICANT = both("申请人已离开", "the applicant has left")


def watch(at: datetime | None = None) -> int:
    """Look at every ticket that waits for somebody who is not there; answers how many such places there were."""
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
    """Find people for one visit; say it where there are none."""
    walk = lock(at, visit=visit_id)
    visit = next(visit for visit in walk.visits if visit.pk == visit_id)
    if visit.state != OPEN:
        return
    before = walk.ticket.event_seq
    waiting = walk.pending(visit)
    there = {person.username for person in walk.organisation.by_usernames([t.assignee.username for t in waiting])}
    left = [task for task in waiting if task.assignee.username not in there]
    walk.organisation.know_managers(person(task.assignee) for task in left)
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
    """Say of one ticket that nobody will hand it in again."""
    walk = lock(at, number=number)
    if untold_tickets().filter(pk=walk.ticket.pk).exists():
        node = walk.ticket.returned_from
        where = {"node": node, "name": walk.program.node(node)["name"]} if node else {}
        walk.record(Kind.TICKET_STUCK, system=True, problem=NO_APPLICANT, **where)
        walk.save()


def _seat_again(walk: Walk, visit: NodeVisit) -> None:
    """Ask today's organisation; a template that lets an empty node pass does not let a stuck one pass."""
    if walk.tasks_of(visit):
        ask_above(walk, visit)
        return
    seating = seat_people(walk.program.node(visit.node), walk.circumstances())
    if seating.seats:
        ask(walk, visit, seating.seats)
    else:
        stuck(walk, visit, seating.problem)
