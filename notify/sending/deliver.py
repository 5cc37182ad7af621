"""Sending of deliveries: claim, send, settle. Each is sent at least once, always with the same key (I19, F05)."""

import logging
import random
import time
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from notify.channels.errors import ChannelError, Superseded
from notify.models import Delivery
from notify.ports import CHANNELS, dependencies
from notify.sending.claim import claim, companions
from notify.sending.pace import give_back
from notify.sending.relevance import is_over
from notify.states import WAITING

logger = logging.getLogger("baton.notify")

MAX_ATTEMPTS = 8
FIRST_RETRY_S, LONGEST_RETRY_S = 5.0, 3600.0
PAUSE_S, FULL_S = 10.0, 60.0

_paused_until: dict[str, float] = {}


def is_paused(dependency: str) -> bool:
    """Whether the dependency failed a moment ago and is paused. Waiting deliveries keep their attempts (F21, F42)."""
    return time.monotonic() < _paused_until.get(dependency, 0.0)


def end_pauses() -> None:
    """End all pauses."""
    _paused_until.clear()


def kinds_not_paused() -> list[str]:
    """The kinds whose dependency is not paused."""
    return [kind for name, kinds in dependencies().items() if not is_paused(name) for kind in kinds]


def deliver(delivery_id: int) -> bool:
    """Send this delivery if it is due and not leased; return whether it was sent. Safe to call repeatedly."""
    delivery = claim(kinds_not_paused(), timezone.now(), delivery_id)
    return delivery is not None and attempt(delivery)


def deliver_next(dependency: str) -> bool:
    """Send the oldest due delivery that needs this dependency; return whether to go on with the next one."""
    if is_paused(dependency):
        return False
    delivery = claim(dependencies()[dependency], timezone.now())
    if delivery is None:
        return False
    attempt(delivery)
    return not is_paused(dependency)


def attempt(delivery: Delivery) -> bool:
    """Send a claimed delivery with its companions, and settle them all; return whether they were sent."""
    waiting = [row for row in companions(delivery) if not _set_aside(row)]
    if not waiting:
        give_back(delivery)
        return False
    try:
        receipt = _send(waiting)
    except ChannelError as error:
        if isinstance(error, Superseded):
            give_back(delivery)
        _settle_all_failed(waiting, error)
        return False
    except Exception as error:
        logger.exception("delivery.bug", extra={"delivery": delivery.pk, "kind": delivery.kind})
        _settle_all_failed(waiting, ChannelError(f"bug: {type(error).__name__}"))
        return False
    for row in waiting:
        settle_sent(row, receipt)
    return True


def _send(deliveries: list[Delivery]) -> str:
    """Send one delivery, or several as one message; return the receipt. Raises ChannelError."""
    channel = CHANNELS[deliveries[0].kind]
    if len(deliveries) == 1 or channel.send_together is None:
        return channel.send(deliveries[0])
    return channel.send_together(deliveries)


def _set_aside(delivery: Delivery) -> bool:
    """Settle a delivery that need not be sent, and return whether it was one: its workers crashed too often, or it is
    out of date."""
    if delivery.attempts > MAX_ATTEMPTS:
        settle_failed(delivery, ChannelError("its workers did not survive it", permanent=True))
        return True
    if is_over(delivery):
        settle_failed(delivery, Superseded())
        return True
    return False


def _settle_all_failed(deliveries: list[Delivery], error: ChannelError) -> None:
    for delivery in deliveries:
        settle_failed(delivery, error)


def still_mine(delivery: Delivery) -> Delivery | None:
    """The row, locked; None if another worker has the lease now, or it was removed."""
    row = Delivery.objects.select_for_update(of=("self",)).filter(pk=delivery.pk).first()
    return row if row is not None and row.lease_until == delivery.lease_until else None


@transaction.atomic
def settle_sent(delivery: Delivery, receipt: str) -> None:
    """Record that the other side accepted the message."""
    row = still_mine(delivery)
    if row is None:
        return
    row.succeed(at=timezone.now(), receipt=receipt)
    row.save()
    logger.info("delivery.sent", extra={"delivery": row.pk, "kind": row.kind, "attempt": row.attempts})


@transaction.atomic
def settle_failed(delivery: Delivery, error: ChannelError) -> None:
    """Record a failure: retry later, or give up. Pause the dependency if it is down."""
    if error.is_down:
        pause_dependency(delivery, FULL_S if error.is_full else PAUSE_S)
    row = still_mine(delivery)
    if row is None:
        return
    if error.is_full:
        row.attempts = max(0, row.attempts - 1)  # the limit may last for the rest of the day
    if error.permanent or row.attempts >= MAX_ATTEMPTS:
        row.give_up(error=str(error))
        if (given_up := CHANNELS[row.kind].given_up) is not None:
            given_up(delivery, str(error))
    else:
        row.fail(error=str(error), retry_at=timezone.now() + backoff(max(1, row.attempts)))
    row.save()
    facts = {"delivery": row.pk, "kind": row.kind, "attempt": row.attempts, "error": str(error)}
    logger.log(_level(row, error), "delivery.failed", extra=facts)


def pause_dependency(delivery: Delivery, seconds: float = PAUSE_S) -> None:
    """Pause a dependency that did not answer, or postpone the deliveries to the same place (F42)."""
    channel = CHANNELS[delivery.kind]
    if channel.same_place is None:
        _paused_until[channel.dependency] = time.monotonic() + seconds
        return
    later = timezone.now() + timedelta(seconds=PAUSE_S)
    there = channel.same_place(delivery)
    others = Delivery.objects.filter(there, kind=channel.kind, state__in=WAITING, due_at__lt=later)
    others.exclude(pk=delivery.pk).update(due_at=later)


def _level(row: Delivery, error: ChannelError) -> int:
    """ERROR if a person must act, WARNING if it will be retried, INFO if it was out of date."""
    if isinstance(error, Superseded):
        return logging.INFO
    return logging.ERROR if row.state == "dead" else logging.WARNING


def backoff(attempts: int) -> timedelta:
    """The delay after this number of attempts: 5 s, 20 s, 80 s … an hour, each plus or minus a quarter."""
    seconds = min(LONGEST_RETRY_S, FIRST_RETRY_S * 4 ** (attempts - 1))
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311 (jitter, not a secret)
