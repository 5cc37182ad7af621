"""Commands on notifications and deliveries."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from notify.models import Delivery
from notify.models.delivery import IN_APP
from notify.recipients.subscriber import wake
from tickets.errors import NotAllowed, NotFound, WrongState


def mark_read(*, user: User, ids: list[int] | None, at: datetime) -> int:
    """Mark this person's own notifications as read, all if `ids` is None; return how many rows changed."""
    rows = Delivery.objects.filter(recipient=user, kind=IN_APP, read_at__isnull=True)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    return rows.update(read_at=at)


@transaction.atomic
def retry(*, delivery_id: int, actor: User, at: datetime) -> Delivery:
    """Queue a failed or dead delivery again, with its attempts reset.

    Raises NotFound if the actor may not see the delivery, NotAllowed unless the actor is an administrator, and
    WrongState if it is already sent or still waits for its first attempt.
    """
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("recipient", "act", "event__ticket")
    delivery = rows.filter(pk=delivery_id).first()
    if delivery is None or not (actor.is_admin or delivery.recipient_id == actor.pk):
        raise NotFound
    if not actor.is_admin:
        raise NotAllowed
    if delivery.state not in ("failed", "dead"):
        raise WrongState
    delivery.renew(at=at)
    delivery.save()
    wake([delivery.pk])
    return delivery
