"""Table of checkpoints: the chain ends of all trails."""

from django.db import models

from common.keys import SIGNATURE_MAX


class Checkpoint(models.Model):
    """One link of the chain over all tickets; append-only, by a trigger (I07).

    number: from 1 without a gap. heads: [[ticket number, its number of events, hash of the last one]], for tickets with
    new events. ends: name of another chain → [its length, its last hash], such as that of administration. settled: all
    events up to this id are certainly included. hash: signature over the previous hash and all of this
    (audit/checkpoints.py).
    """

    number = models.PositiveIntegerField(unique=True)
    at = models.DateTimeField()
    heads = models.JSONField()
    ends = models.JSONField()
    settled = models.BigIntegerField()
    last_event = models.BigIntegerField()
    hash = models.CharField(max_length=SIGNATURE_MAX)

    class Meta:
        indexes = [models.Index(fields=["at"], name="checkpoint_at")]

    def __str__(self) -> str:
        return f"checkpoint {self.number}"
