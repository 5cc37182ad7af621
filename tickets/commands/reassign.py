"""改派: an administrator reassigns the seats of a node (I10)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Proxy, User
from templates_engine.approvers import Seat
from templates_engine.text import both
from tickets.commands.candidates import free_people
from tickets.commands.permitted import asked_of, require
from tickets.engine.handing_over import because, hand_over, inherit, leave
from tickets.engine.nodes.seating import seat
from tickets.engine.walk import lock
from tickets.models import Ticket
from tickets.trail.events import Kind


@transaction.atomic
def reassign(*, number: str, actor: User, at: datetime, node: str, users: Sequence[str], comment: str) -> Ticket:
    """Assign others instead of those a node waits for, or where it found nobody.

    Administrators can neither take a seat themselves nor give one to people they are a proxy for, and cannot reassign
    what they applied for or changed. Raises NotFound, NotAllowed, OwnTicket, WrongState if this node waits for nobody,
    Invalid.
    """
    walk = lock(at, actor, number=number)
    asked = asked_of(walk, actor).at(node)
    require("reassign", asked, at)
    visit = asked.open_steps[0]
    pending = walk.pending(visit)
    waiting = [task for task in pending if task.added_to is None] or pending
    people = free_people(
        walk, visit, users, besides=_himself(actor, at), leaving={task.assignee_id for task in waiting}
    )
    taken: dict[str, Any] = {"from": [task.assignee.username for task in waiting]}
    walk.record(
        Kind.TASK_REASSIGNED, comment=comment, users=[person.username for person in people],
        **taken, **walk.node_facts(visit),
    )  # fmt: skip
    seats = [Seat(person, because(both("管理员改派", "reassigned by an administrator"), comment)) for person in people]
    made = (
        hand_over(walk, waiting[0], seats, channel="system", comment=comment) if waiting else seat(walk, visit, seats)
    )
    for task in waiting[1:]:
        leave(walk, task, "system", comment)
        inherit(walk, task, made[0])
    walk.save()
    return walk.ticket


def _himself(actor: User, at: datetime) -> set[int]:
    """Ids of the actor and of everybody for whom the actor is or will be a proxy."""
    held = Proxy.objects.filter(agent=actor, revoked_at__isnull=True, ends_at__gt=at)
    return {actor.pk, *held.values_list("principal_id", flat=True)}
