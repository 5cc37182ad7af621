"""Sending: claim, send, settle. At least once; a delivery carries the same key every time (I19, F5)."""

import logging
import random
import time
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from notify.channels import CHANNELS, DEPENDENCIES
from notify.channels.errors import ChannelError, Superseded
from notify.channels.wecom_text import send_together
from notify.claim import claim, companions
from notify.models import Delivery
from notify.pace import give_back
from notify.relevance import is_over
from notify.states import WAITING
from tickets.commands.webhook import give_up

logger = logging.getLogger("baton.notify")

MAX_ATTEMPTS = 8
FIRST_RETRY_S, LONGEST_RETRY_S = 5.0, 3600.0
REST_S, FULL_S = 10.0, 60.0

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
    """Send a claimed delivery, with what was claimed together with it, and settle all of it; whether it went out."""
    waiting = [row for row in companions(delivery) if not _set_aside(row)]
    if not waiting:
        give_back(delivery)
        return False
    try:
        receipt = CHANNELS[delivery.kind](waiting[0]) if len(waiting) == 1 else send_together(waiting)
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


def _set_aside(delivery: Delivery) -> bool:
    """Whether there is nothing to send: its workers died of it too often, or what it says is over."""
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
        rest(delivery, FULL_S if error.is_full else REST_S)
    row = still_mine(delivery)
    if row is None:
        return
    if error.is_full:
        row.attempts = max(0, row.attempts - 1)  # it may last for the rest of the day
    if error.permanent or row.attempts >= MAX_ATTEMPTS:
        row.give_up(error=str(error))
        if row.kind == Delivery.Kind.WEBHOOK:
            give_up(requested=delivery.happened, reason=str(error), at=timezone.now())
    else:
        row.fail(error=str(error), retry_at=timezone.now() + backoff(max(1, row.attempts)))
    row.save()
    facts = {"delivery": row.pk, "kind": row.kind, "attempt": row.attempts, "error": str(error)}
    logger.log(_level(row, error), "delivery.failed", extra=facts)


def rest(delivery: Delivery, seconds: float = REST_S) -> None:
    """Leave alone for a while what else needs what did not answer: a dependency, or the host of a webhook (F42)."""
    if delivery.kind != Delivery.Kind.WEBHOOK:
        _resting[dependency_of(delivery.kind)] = time.monotonic() + seconds
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
