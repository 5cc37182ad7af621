"""Record webhook calls that failed for good."""

from datetime import datetime

from django.db import transaction

from tickets.engine.walk import lock
from tickets.models import Event
from tickets.trail.events import Kind


@transaction.atomic
def give_up(*, requested: Event, reason: str, at: datetime) -> None:
    """Record that this `webhook.requested` reached nobody and is not tried again."""
    walk = lock(at, number=requested.ticket.number)
    asked = Kind.WEBHOOK_REQUESTED.of(requested)
    walk.record_by_system(
        Kind.WEBHOOK_FAILED, reason=reason, node=asked["node"], name=asked["name"], round=asked["round"],
        url=asked["url"],
    )  # fmt: skip
    walk.save()
