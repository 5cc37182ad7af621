"""Taps on cards, as reported by WeCom."""

from django.db import models
from django.db.models import Q

from common.keys import SIGNATURE_MAX


class Callback(models.Model):
    """One tap on a card, stored before it is answered (I22). Repeated callbacks of one tap share one row.

    identity: SHA-256 in hex of the ResponseCode if there is one, else of the decrypted content.
    seal: signature that proves that our callback stored the row; see notify.wecom.seals.
    outcome: `done`, or the code of the error; empty until processed.
    """

    identity = models.CharField(max_length=64, unique=True)
    userid = models.CharField(max_length=128)
    card_key = models.CharField(max_length=128)
    verb = models.CharField(max_length=128)
    response_code = models.CharField(max_length=512, blank=True)
    is_late = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    seal = models.CharField(max_length=SIGNATURE_MAX, blank=True, db_default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(processed_at__isnull=True), name="callback_due")]

    def __str__(self) -> str:
        return f"callback {self.pk}"
