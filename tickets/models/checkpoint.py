"""The ends of all trails, together."""

from django.db import models

from config.keys import SIGNATURE_MAX


class Checkpoint(models.Model):
    """One link of the chain over all tickets; append-only (a trigger refuses the rest, I7).

    number: from 1 without a gap. heads: [[ticket number, events it had, hash of the last one]], of the tickets that had
    news. ends: name of another chain → [its length, its last hash], such as that of administration. settled: every
    event up to this id is surely in. hash: signature over the previous hash and all of this, see tickets.checkpoints.
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
