"""Processing of taps. It calls the same `decide` as the web; only the identification of the user differs."""

import logging
from datetime import datetime, timedelta
from typing import cast

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from common.errors import DomainError
from config import pulses
from notify.models import Callback, Card, CardCode, Delivery
from notify.models.card import CORRECTION
from notify.recipients import subscriber
from notify.wecom import words
from notify.wecom.seals import is_true_card, is_true_tap
from templates_engine.text import localize
from tickets.commands.decide import decide
from tickets.models import Event
from tickets.rules.rights import Verb

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
    """Process one stored tap, once. A repeated call or a second worker does nothing (A17, F23)."""
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
    """Count this attempt before it is made, and postpone the tap for other workers; None if it is not due."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [now + RETRY, callback_id, now])
        row = cursor.fetchone()
    return row[0] if row else None


@transaction.atomic
def _work_off(callback_id: int, now: datetime) -> None:
    """Decide in one transaction: decision, outcome and card code commit together, so the tap counts exactly once."""
    callback = Callback.objects.select_for_update().get(pk=callback_id)
    if callback.processed_at is not None:
        return
    callback.outcome = _outcome(callback, now) if is_true_tap(callback) else _unsealed(callback, now)
    callback.processed_at = now
    callback.save(update_fields=["outcome", "processed_at"])
    logger.info("callback.processed", extra={"callback": callback.pk, "outcome": callback.outcome})


def _unsealed(callback: Callback, now: datetime) -> str:
    """Reject a row without a valid seal: our callback did not store it, so it counts for no user (I02, A32).

    The card that it names is corrected, in case the tap was real and its key was removed from BATON_AUDIT_KEYS.
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
    """Check one tap and decide: the sender by the signature, the card by its random key, the verb by the card's list.

    Returns the outcome: `done` or an error code.
    """
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
    """Store the tap's code: it allows one update of the card."""
    if callback.response_code:
        CardCode.objects.get_or_create(
            card=card,
            code=callback.response_code,
            defaults={"origin": CardCode.Origin.CLICK, "created_at": callback.received_at},
        )


def _refuse(card: Card, code: str, now: datetime) -> str:
    """Record that nothing was decided, and have the card show why (A22)."""
    card.state, card.refusal = Card.State.STALE, code[:32]
    card.save(update_fields=["state", "refusal"])
    correct(card, now)
    return code[:32]


def correct(card: Card, now: datetime) -> None:
    """Queue a correction of the card, as a delivery of its ticket's newest event.

    Removing the lease makes a worker that is correcting this person's cards now do it again.
    """
    event = Event.objects.filter(ticket=card.task.ticket_id).order_by("-seq").values_list("pk", flat=True)[0]
    subscriber.write([subscriber.Wanted(event, card.user_id, CORRECTION)], now)
    delivery = Delivery.objects.select_for_update().get(event=event, recipient=card.user_id, kind=CORRECTION)
    if delivery.state == "queued":
        delivery.due_at, delivery.lease_until = now, None
    else:
        delivery.renew(at=now)
    delivery.save()
    subscriber.wake([delivery.pk])


@transaction.atomic
def _give_up(callback_id: int, now: datetime) -> None:
    """Set aside a tap that fails too often; the task stays open for the web and the phone (F37)."""
    callback = Callback.objects.select_for_update().get(pk=callback_id)
    callback.outcome, callback.processed_at = "error", now
    callback.save(update_fields=["outcome", "processed_at"])
    card = Card.objects.select_related("task").filter(key=callback.card_key).first()
    if card is not None and card.user.is_of_wecom(callback.userid):
        _keep_code(card, callback)
        _refuse(card, "error", now)
    logger.error("callback.gave_up", extra={"callback": callback.pk})
