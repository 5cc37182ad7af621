"""Sending: claim, send, settle. At least once; a delivery carries the same key every time (I19, F5)."""

import logging
import random
import time
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from notify.channels import CHANNELS, DEPENDENCIES
from notify.channels.errors import ChannelError, Superseded
from notify.models import Delivery
from notify.relevance import is_over
from notify.states import WAITING
from tickets.commands.webhook import give_up

logger = logging.getLogger("baton.notify")

LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 8
FIRST_RETRY_S, LONGEST_RETRY_S = 5.0, 3600.0
REST_S = 10.0

CLAIM = """
UPDATE notify_delivery SET lease_until = %(lease)s, attempts = attempts + 1
WHERE id = (
    SELECT id FROM notify_delivery
    WHERE state IN ('queued', 'failed') AND due_at <= %(now)s
      AND (lease_until IS NULL OR lease_until <= %(now)s)
      AND kind = ANY(%(kinds)s) AND (%(id)s::bigint IS NULL OR id = %(id)s)
    ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id
"""

_resting: dict[str, float] = {}


def dependency_of(kind: str) -> str:
    """What this kind needs in order to go out."""
    return next(name for name, kinds in DEPENDENCIES.items() if kind in kinds)


def is_resting(dependency: str) -> bool:
    """Whether it did not answer a moment ago: waiting deliveries then keep their attempts (F21, F42)."""
    return time.monotonic() < _resting.get(dependency, 0.0)


def wake_dependencies() -> None:
    """Forget that anything was down."""
    _resting.clear()


def awake_kinds() -> list[str]:
    """The kinds whose dependency is not resting."""
    return [kind for name, kinds in DEPENDENCIES.items() if not is_resting(name) for kind in kinds]


def claim(kinds: list[str], now: datetime, delivery_id: int | None = None) -> Delivery | None:
    """Lease one due delivery of these kinds, the oldest (or exactly this one); None where there is none.

    The attempt is counted before it is made, so that a row that kills its worker is not tried for ever (F37).
    """
    values: dict[str, Any] = {"now": now, "lease": now + LEASE, "kinds": kinds, "id": delivery_id}
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        row = cursor.fetchone()
    if row is None:
        return None
    related = (
        "recipient",
        "event__actor",
        "event__ticket__applicant",
        "event__ticket__template_version__template",
    )
    return Delivery.objects.select_related(*related).get(pk=row[0])


def deliver(delivery_id: int) -> bool:
    """Send this delivery if it is due and nobody else has it. Call it as often as you like."""
    delivery = claim(awake_kinds(), timezone.now(), delivery_id)
    return delivery is not None and attempt(delivery)


def deliver_next(dependency: str) -> bool:
    """Send the oldest due delivery that needs this dependency; whether it is worth going on with the next."""
    if is_resting(dependency):
        return False
    delivery = claim(list(DEPENDENCIES[dependency]), timezone.now())
    if delivery is None:
        return False
    attempt(delivery)
    return not is_resting(dependency)


def attempt(delivery: Delivery) -> bool:
    """Send a claimed delivery and settle it; whether it went out."""
    try:
        if delivery.attempts > MAX_ATTEMPTS:
            raise ChannelError("its workers did not survive it", permanent=True)  # noqa: TRY301
        if is_over(delivery):
            raise Superseded  # noqa: TRY301
        receipt = CHANNELS[delivery.kind](delivery)
    except ChannelError as error:
        settle_failed(delivery, error)
        return False
    except Exception as error:
        logger.exception("delivery.bug", extra={"delivery": delivery.pk, "kind": delivery.kind})
        settle_failed(delivery, ChannelError(f"bug: {type(error).__name__}"))
        return False
    settle_sent(delivery, receipt)
    return True


def still_mine(delivery: Delivery) -> Delivery | None:
    """The row, locked; None where the lease has passed to somebody else or was taken away."""
    row = Delivery.objects.select_for_update(of=("self",)).filter(pk=delivery.pk).first()
    return row if row is not None and row.lease_until == delivery.lease_until else None


@transaction.atomic
def settle_sent(delivery: Delivery, receipt: str) -> None:
    """The other side took it."""
    row = still_mine(delivery)
    if row is None:
        return
    row.succeed(at=timezone.now(), receipt=receipt)
    row.save()
    logger.info("delivery.sent", extra={"delivery": row.pk, "kind": row.kind, "attempt": row.attempts})


@transaction.atomic
def settle_failed(delivery: Delivery, error: ChannelError) -> None:
    """Later, or never."""
    if error.is_down:
        rest(delivery)
    row = still_mine(delivery)
    if row is None:
        return
    if error.permanent or row.attempts >= MAX_ATTEMPTS:
        row.give_up(error=str(error))
        if row.kind == Delivery.Kind.WEBHOOK:
            give_up(requested=delivery.event, reason=str(error), at=timezone.now())
    else:
        row.fail(error=str(error), retry_at=timezone.now() + backoff(row.attempts))
    row.save()
    facts = {"delivery": row.pk, "kind": row.kind, "attempt": row.attempts, "error": str(error)}
    logger.log(_level(row, error), "delivery.failed", extra=facts)


def rest(delivery: Delivery) -> None:
    """Leave alone for a while what else needs what did not answer: a dependency, or the host of a webhook (F42)."""
    if delivery.kind != Delivery.Kind.WEBHOOK:
        _resting[dependency_of(delivery.kind)] = time.monotonic() + REST_S
        return
    origin = "/".join(delivery.address.split("/")[:3])
    there = Q(address=origin) | Q(address__startswith=f"{origin}/") | Q(address__startswith=f"{origin}?")
    later = timezone.now() + timedelta(seconds=REST_S)
    others = Delivery.objects.filter(there, kind=Delivery.Kind.WEBHOOK, state__in=WAITING, due_at__lt=later)
    others.exclude(pk=delivery.pk).update(due_at=later)


def _level(row: Delivery, error: ChannelError) -> int:
    """An error wants a person; a warning will be tried again; what nobody misses is only noted."""
    if isinstance(error, Superseded):
        return logging.INFO
    return logging.ERROR if row.state == "dead" else logging.WARNING


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 5 s, 20 s, 80 s … an hour, each give or take a quarter."""
    seconds = min(LONGEST_RETRY_S, FIRST_RETRY_S * 4 ** (attempts - 1))
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311 (jitter, not a secret)
