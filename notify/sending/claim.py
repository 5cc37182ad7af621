"""Claiming deliveries: a lease gives each delivery to one worker at a time (I19)."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q

from notify.models import Delivery
from notify.ports import CHANNELS
from notify.sending import pace
from notify.states import WAITING

LEASE = timedelta(minutes=2)
# The minimum of waiting notifications to one person that go out as one message, and the maximum in one message.
TOGETHER_FROM, TOGETHER_MAX = 3, 8

RELATED = (
    "recipient", "act__actor", "event__actor", "event__on_behalf_of", "event__ticket__applicant",
    "event__ticket__department", "event__ticket__content", "event__ticket__template_version__template",
)  # fmt: skip
NEXT = """
SELECT id, kind, recipient_id, created_at, together FROM notify_delivery
WHERE state IN ('queued', 'failed') AND due_at <= %(now)s
  AND (lease_until IS NULL OR lease_until <= %(now)s)
  AND kind = ANY(%(kinds)s) AND (%(id)s::bigint IS NULL OR id = %(id)s)
ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
"""


def claim(kinds: list[str], now: datetime, delivery_id: int | None = None) -> Delivery | None:
    """Lease the oldest due delivery of these kinds, or exactly this one; None if there is none.

    The attempt is counted before it is made, so that a row that crashes its worker is not retried for ever (F37). If
    the recipient's message limit is reached, the delivery is postponed and the next one is tried. Other notifications
    that wait for the same person are leased with it: `companions` returns them.
    """
    while True:
        with transaction.atomic():
            row = _next({"now": now, "kinds": kinds, "id": delivery_id})
            if row is None:
                return None
            pk, kind, recipient, created_at, together = row
            if not pace.is_paced(kind) or pace.take(recipient, kind, created_at, now):
                _lease([pk, *_beside(pk, kind, recipient, together, now)], now)
                break
    return Delivery.objects.select_related(*RELATED).get(pk=pk)


def companions(delivery: Delivery) -> list[Delivery]:
    """The deliveries sent in one message with a claimed delivery, itself included, oldest first."""
    if delivery.together is None:
        return [delivery]
    same = Q(together=delivery.together, lease_until=delivery.lease_until, state__in=WAITING)
    return list(Delivery.objects.select_related(*RELATED).filter(same).order_by("pk"))


def _next(values: dict[str, Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(NEXT, values)
        return cursor.fetchone()


def _lease(ids: list[int], now: datetime) -> None:
    more: dict[str, Any] = {"together": ids[0]} if len(ids) > 1 else {}
    rows = Delivery.objects.filter(pk__in=ids)
    rows.update(lease_until=now + LEASE, attempts=F("attempts") + 1, held_by="", **more)


def _beside(pk: int, kind: str, recipient: int, together: int | None, now: datetime) -> list[int]:
    """Ids of the other notifications for the same message. Deliveries once sent together are only retried together:
    the content is then the same, and WeCom drops the retry if the first message did arrive (F05)."""
    if CHANNELS[kind].send_together is None:
        return []
    rows = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).exclude(pk=pk)
    rows = rows.filter(Q(lease_until__isnull=True) | Q(lease_until__lte=now), recipient=recipient, state__in=WAITING)
    if together is not None:
        return list(rows.filter(together=together).order_by("pk").values_list("pk", flat=True))
    fresh = rows.filter(Q(due_at__lte=now) | Q(held_by="pace"), kind=kind, attempts=0, together__isnull=True)
    found = list(fresh.order_by("pk").values_list("pk", flat=True)[: TOGETHER_MAX - 1])
    return found if len(found) + 1 >= TOGETHER_FROM else []
