"""A machine that could not be told of a node: the ticket says so."""

from datetime import datetime

from django.db import transaction

from tickets.events import Kind
from tickets.models import Event
from tickets.walk import lock


@transaction.atomic
def give_up(*, requested: Event, reason: str, at: datetime) -> None:
    """Say that the request of this event, a `webhook.requested`, reached nobody and is not tried again."""
    walk = lock(at, number=requested.ticket.number)
    told = {key: requested.data[key] for key in ("node", "name", "round", "url")}
    walk.record(Kind.WEBHOOK_FAILED, system=True, reason=reason, **told)
    walk.save()
