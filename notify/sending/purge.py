"""Deletion of old deliveries. The events stay; only the records of who was notified when are deleted."""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from notify.models import Card, CardCode, Delivery
from notify.states import DeliveryState

BATCH = 1000
BUDGET_S = 60.0
SETTLED = (DeliveryState.SENT, DeliveryState.DEAD)


def purge(at: datetime) -> int:
    """Delete settled deliveries older than BATON_DELIVERY_DAYS; return how many. Short transactions, limited time.

    A delivery whose card can still be tapped stays at any age: its task may still be open.
    """
    until = time.monotonic() + BUDGET_S
    dropped = 0
    while gone := _drop_batch(at - timedelta(days=settings.DELIVERY_DAYS)):
        dropped += gone
        if gone < BATCH or time.monotonic() > until:
            break
    return dropped


@transaction.atomic
def _drop_batch(before: datetime) -> int:
    """Delete one batch, return its size. Concurrent purges take different rows."""
    tappable = Card.objects.filter(delivery=OuterRef("pk"), state=Card.State.LIVE)
    old = Delivery.objects.filter(~Exists(tappable), created_at__lt=before, state__in=SETTLED)
    ids = list(old.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:BATCH])
    CardCode.objects.filter(card__delivery__in=ids).delete()
    Card.objects.filter(delivery__in=ids).delete()
    Delivery.objects.filter(pk__in=ids).delete()
    return len(ids)
