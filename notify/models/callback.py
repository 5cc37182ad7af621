"""Taps that WeCom told us of."""

from django.db import models
from django.db.models import Q

from config.keys import SIGNATURE_MAX


class Callback(models.Model):
    """One tap on a card, stored before it is answered (I22). However often WeCom repeats it, it is one row.

    identity: SHA-256 in hex, over the ResponseCode where there is one, else over the decrypted content.
    seal: by which a worker knows that the callback stored it, and nobody else: see notify.seals.
    outcome: `done`, or the code of what was in the way; empty until processed.
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
