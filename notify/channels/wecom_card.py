"""Approval cards of tasks, sent as application messages in WeCom."""

from django.utils import timezone

from common.doorbell import ring
from notify.channels.errors import ChannelError, Superseded
from notify.channels.wecom import is_on, send_message
from notify.models import Card, CardCode, Delivery
from notify.models import card as kinds
from notify.models.card import new_key
from notify.ports import Carries, Channel, Limit
from notify.states import DeliveryState
from notify.wecom import cards
from notify.wecom.client import WeComError
from notify.wecom.seals import seal_card

KEY_USED = 42014
CODE_MAX = 512


def send_card(delivery: Delivery) -> str:
    """Send this delivery's card. A retry uses the same key, so that WeCom rejects a second card (F05)."""
    card = _card_of(delivery)
    face = _prepare(card)
    try:
        answer = send_message(cards.message(card, face.body))
    except ChannelError as error:
        cause = error.__cause__
        if isinstance(cause, WeComError) and cause.errcode == KEY_USED and delivery.attempts > 1:
            return "sent by an earlier attempt"
        raise
    msgid = str(answer.get("msgid", ""))
    _keep(card, msgid, str(answer.get("response_code", "")))
    return msgid


def _card_of(delivery: Delivery) -> Card:
    related = ("user", "task__assignee", "task__visit", "task__ticket__content", "task__ticket__applicant")
    department = "task__ticket__department"
    version = "task__ticket__template_version__template"
    return Card.objects.select_related(*related, department, version).get(delivery=delivery)


def _prepare(card: Card) -> cards.Face:
    """Store what the card will show before it is sent, so that a tap is judged by what was seen (I05).

    If the content changed between two attempts, the card gets a new key: a tap on the first card decides nothing.
    """
    if card.task.state != "pending":
        raise Superseded
    face = cards.face(card)
    if card.digest and (card.digest, card.verbs) != (face.digest, face.verbs):
        card.key = new_key()
        face.body["task_id"] = card.key
    card.digest, card.verbs = face.digest, face.verbs
    seal_card(card)
    card.save(update_fields=["key", "digest", "verbs", "seal"])
    return face


def _keep(card: Card, msgid: str, code: str) -> None:
    Card.objects.filter(pk=card.pk).update(msgid=msgid[:256])
    if code and len(code) <= CODE_MAX:
        row = CardCode(card=card, code=code, origin=CardCode.Origin.SEND, created_at=timezone.now())
        CardCode.objects.bulk_create([row], ignore_conflicts=True)
    _hurry_corrections(card)


def _hurry_corrections(card: Card) -> None:
    """If the task was decided while the card was being sent, make the waiting corrections due now."""
    if not Card.objects.filter(pk=card.pk, state=Card.State.STALE).exists():
        return
    waiting = Delivery.objects.filter(
        kind=kinds.CORRECTION,
        recipient=card.user_id,
        event__ticket=card.task.ticket_id,
        state=DeliveryState.FAILED,
    )
    ids = list(waiting.values_list("pk", flat=True))
    waiting.update(due_at=timezone.now())
    for pk in ids:
        ring("notify.deliver", pk)


WECOM_CARD = Channel(
    kind=kinds.CARD,
    dependency="wecom",
    send=send_card,
    carries=Carries.TASKS,
    address="wecom_userid",
    is_on=is_on,
    limit=Limit.URGENT,
)
