"""What a tap decides. The same `decide` as the web; the only difference is how we know who it was."""

import logging
from datetime import datetime, timedelta
from typing import cast

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from config import pulses
from config.errors import DomainError
from notify import subscriber
from notify.models import Callback, Card, CardCode, Delivery
from notify.seals import is_true_card, is_true_tap
from notify.wecom import words
from templates_engine.text import localize
from tickets.commands.decide import decide
from tickets.models import Event
from tickets.rights import Verb

logger = logging.getLogger("baton.wecom")

MAX_ATTEMPTS = 5
RETRY = timedelta(seconds=15)
DONE = "done"
UNSEALED = "unsealed"

CLAIM = """
UPDATE notify_callback SET attempts = attempts + 1, due_at = %s
WHERE id = %s AND processed_at IS NULL AND due_at <= %s
RETURNING attempts
"""


def process_callback(callback_id: int) -> None:
    """Work one stored tap off, once. A repetition, or a second worker, finds nothing to do (A17, F23)."""
    attempts = _claim(callback_id, timezone.now())
    if attempts is None:
        return
    try:
        _work_off(callback_id, timezone.now())
    except Exception:
        logger.exception("callback.failed", extra={"callback": callback_id, "attempt": attempts})
        if attempts >= MAX_ATTEMPTS:
            _give_up(callback_id, timezone.now())


def _claim(callback_id: int, now: datetime) -> int | None:
    """Count this attempt before it is made, and keep others away for a while; None where it is not due."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [now + RETRY, callback_id, now])
        row = cursor.fetchone()
    return row[0] if row else None


@transaction.atomic
def _work_off(callback_id: int, now: datetime) -> None:
    """Decision, outcome and code of the card commit together, so the tap counts exactly once."""
    callback = Callback.objects.select_for_update().get(pk=callback_id)
    if callback.processed_at is not None:
        return
    callback.outcome = _outcome(callback, now) if is_true_tap(callback) else _unsealed(callback, now)
    callback.processed_at = now
    callback.save(update_fields=["outcome", "processed_at"])
    logger.info("callback.processed", extra={"callback": callback.pk, "outcome": callback.outcome})


def _unsealed(callback: Callback, now: datetime) -> str:
    """A row that our callback has not stored: it is nobody's tap, whoever it names (I2, A32).

    The card it names is corrected, in case it was a true one whose key is not in BATON_AUDIT_KEYS any more.
    """
    _count_forged("tap", callback=callback.pk)
    card = Card.objects.select_for_update(of=("self",)).select_related("task").filter(key=callback.card_key).first()
    if card is not None and card.state == Card.State.LIVE:
        _refuse(card, UNSEALED, now)
    return UNSEALED


def _count_forged(what: str, **which: int) -> None:
    logger.error("callback.unsealed", extra={"what": what, **which})
    pulses.beat(f"unsealed:{what}")


def _outcome(callback: Callback, now: datetime) -> str:
    """Judge one tap: sender by the signature, card by the random key, verb by what the card offers."""
    user = User.objects.of_wecom(callback.userid).filter(is_active=True).first()
    if user is None:
        return "unknown_user"
    card = (
        Card.objects.select_for_update(of=("self",))
        .select_related("user", "task__ticket")
        .filter(key=callback.card_key)
        .first()
    )
    if card is None:
        return "unknown_card"
    if card.user_id != user.pk:
        return "not_yours"
    _keep_code(card, callback)
    if not is_true_card(card):
        _count_forged("card", callback=callback.pk, card=card.pk)
        return _refuse(card, UNSEALED, now)
    if callback.verb not in card.verbs:
        return _refuse(card, "unknown_verb", now)
    try:
        with transaction.atomic():
            _decide(card, callback.verb, user)
    except DomainError as error:
        return _refuse(card, error.code, now)
    return DONE


def _decide(card: Card, verb: str, user: User) -> None:
    comment = localize(words.RETURN_COMMENT, user.language) if verb == "return" else ""
    decide(
        task_id=card.task_id,
        verb=cast(Verb, verb),
        actor=user,
        channel="card",
        comment=comment,
        digest=card.digest,
    )


def _keep_code(card: Card, callback: Callback) -> None:
    """The tap brought a code that can change the card once."""
    if callback.response_code:
        CardCode.objects.get_or_create(
            card=card,
            code=callback.response_code,
            defaults={"origin": CardCode.Origin.CLICK, "created_at": callback.received_at},
        )


def _refuse(card: Card, code: str, now: datetime) -> str:
    """Nothing was decided; the card shall say what is so instead (A22)."""
    card.state, card.refusal = Card.State.STALE, code[:32]
    card.save(update_fields=["state", "refusal"])
    correct(card, now)
    return code[:32]


def correct(card: Card, now: datetime) -> None:
    """Have the card corrected, by a delivery of its ticket's newest event: that is what it lags behind.

    Taking the lease away makes a worker that is just correcting this person's cards do it again.
    """
    event = Event.objects.filter(ticket=card.task.ticket_id).order_by("-seq").values_list("pk", flat=True)[0]
    kind = Delivery.Kind.WECOM_CARD_UPDATE
    subscriber.write([subscriber.Wanted(event, card.user_id, kind)], now)
    delivery = Delivery.objects.select_for_update().get(event=event, recipient=card.user_id, kind=kind)
    if delivery.state == "queued":
        delivery.due_at, delivery.lease_until = now, None
    else:
        delivery.renew(at=now)
    delivery.save()
    subscriber.wake([delivery.pk])


@transaction.atomic
def _give_up(callback_id: int, now: datetime) -> None:
    """A tap that breaks its workers is put aside; the task stays open for web and phone (F37)."""
    callback = Callback.objects.select_for_update().get(pk=callback_id)
    callback.outcome, callback.processed_at = "error", now
    callback.save(update_fields=["outcome", "processed_at"])
    card = Card.objects.select_related("task").filter(key=callback.card_key).first()
    if card is not None and card.user.is_of_wecom(callback.userid):
        _keep_code(card, callback)
        _refuse(card, "error", now)
    logger.error("callback.gave_up", extra={"callback": callback.pk})
