"""Corrections of stale approval cards in WeCom."""

import time
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from notify.channels.errors import ChannelError
from notify.channels.wecom import call
from notify.models import Card, CardCode, Delivery
from notify.models.card import CORRECTION
from notify.ports import Channel
from notify.states import WAITING
from notify.wecom.outcome import outcome_text

# WeCom shows our reply to a tap when it arrives. The reply would overwrite an update that arrives before it.
AFTER_TAP_S = 0.3
CODE_LIFETIME = timedelta(hours=72)


def send_card_updates(delivery: Delivery) -> str:
    """Correct all stale cards that this person has of this ticket.

    A card that WeCom no longer lets us change stays as it is: a tap on it decides nothing (F25).
    """
    related = ("user", "delivery", "task__visit", "task__ticket", "task__decided_by", "task__on_behalf_of")
    stale = Card.objects.select_related(*related).filter(
        state=Card.State.STALE, user=delivery.recipient_id, task__ticket=delivery.happened.ticket_id
    )
    lost = [str(problem) for card in stale if (problem := _correct(card))]
    if lost:
        raise ChannelError(lost[0], permanent=True)
    return "corrected"


def _correct(card: Card) -> ChannelError | None:
    """Update one card with its newest code. Returns a permanent error, raises a temporary one."""
    if not card.msgid and card.delivery.state in WAITING:
        raise ChannelError("the card itself is still on its way")
    code = _newest_code(card)
    problem = None
    if code is None:
        problem = ChannelError("no code is left for this card", permanent=True) if card.msgid else None
    else:
        problem = _update(card, code)
    _settle(card, code)
    return problem


@transaction.atomic
def _settle(card: Card, code: CardCode | None) -> None:
    """Mark the card as settled, unless it was tapped again meanwhile: then that tap's code must be used first."""
    row = Card.objects.select_for_update().get(pk=card.pk)
    newer = row.codes.filter(origin=CardCode.Origin.CLICK, used_at__isnull=True)
    if code is not None and newer.filter(pk__gt=code.pk).exists():
        return
    row.state = Card.State.SETTLED
    row.save(update_fields=["state"])


def _newest_code(card: Card) -> CardCode | None:
    """The newest unused code that has not expired, None if there is none; codes of taps before the code of sending."""
    good = card.codes.filter(used_at__isnull=True, created_at__gt=timezone.now() - CODE_LIFETIME)
    return good.order_by("origin", F("created_at").desc(), "-pk").first()


def _update(card: Card, code: CardCode) -> ChannelError | None:
    age_s = (timezone.now() - code.created_at).total_seconds()
    if code.origin == CardCode.Origin.CLICK and 0 <= age_s < AFTER_TAP_S:
        time.sleep(AFTER_TAP_S - age_s)
    body = {
        "userids": [card.user.wecom_userid],
        "agentid": settings.WECOM_AGENT_ID,
        "response_code": code.code,
        "button": {"replace_name": outcome_text(card)},
    }
    try:
        call("message/update_template_card", body)
    except ChannelError as error:
        if not error.permanent:
            raise
        _use_up(code)
        return error
    _use_up(code)
    return None


def _use_up(code: CardCode) -> None:
    CardCode.objects.filter(pk=code.pk).update(used_at=timezone.now())


# WeCom does not count corrections as messages.
WECOM_CARD_UPDATE = Channel(kind=CORRECTION, dependency="wecom", send=send_card_updates, is_always_sent=True)
