"""Approval cards in WeCom chats, and the codes that allow updates of them."""

import secrets

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from common.keys import SIGNATURE_MAX

CARD, CORRECTION = "wecom_card", "wecom_card_update"  # kinds of deliveries


def new_key() -> str:
    """A random task_id for WeCom: 192 bits in the characters that WeCom allows (A21)."""
    return secrets.token_urlsafe(24)


class Card(models.Model):
    """One person's card for one approval task. `key` is WeCom's task_id: random, and unique to this row.

    digest: of the content that the card shows; a tap decides only on that content (I05). verbs: what its buttons do.
    seal: signature over digest, verbs, key, task and holder, made before sending; a tap on a card without a valid seal
    is rejected (notify.wecom.seals). refusal: error code of the last tap, if the task itself is still open.
    """

    class State(models.TextChoices):
        LIVE = "live"  # the buttons work
        STALE = "stale"  # the buttons no longer work, and the card does not say so yet
        SETTLED = "settled"  # the card shows the outcome, or can no longer be changed

    delivery = models.OneToOneField("notify.Delivery", models.CASCADE, related_name="card")
    task = models.ForeignKey("tickets.ApprovalTask", models.CASCADE, related_name="cards")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="cards")
    key = models.CharField(max_length=64, unique=True, default=new_key)
    state = models.CharField(max_length=8, choices=State.choices, default=State.LIVE)
    verbs = ArrayField(models.CharField(max_length=16), default=list)
    digest = models.CharField(max_length=64, blank=True)
    seal = models.CharField(max_length=SIGNATURE_MAX, blank=True, db_default="")
    msgid = models.CharField(max_length=256, blank=True)
    refusal = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["task"], condition=Q(state="live"), name="card_live"),
            models.Index(fields=["user"], condition=Q(state="stale"), name="card_stale"),
        ]

    def __str__(self) -> str:
        return f"card {self.pk}"


class CardCode(models.Model):
    """A response_code: valid for one update within 72 hours. Sending gives one, each tap gives another."""

    class Origin(models.TextChoices):
        SEND = "send"
        CLICK = "click"

    card = models.ForeignKey(Card, models.CASCADE, related_name="codes")
    code = models.CharField(max_length=512)
    origin = models.CharField(max_length=8, choices=Origin.choices)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["card", "code"], name="card_code_once")]

    def __str__(self) -> str:
        return f"{self.origin} code of {self.card_id}"
