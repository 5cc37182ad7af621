"""Tables of events and of the outbox."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from common.keys import SIGNATURE_MAX


class Event(models.Model):
    """One thing that happened to one ticket, named in the past tense; append-only, by a trigger (I07).

    hash: signature over the previous hash and the canonical form of this event, see tickets.trail.events.
    data: plain JSON; texts for people in it are localized texts. Kinds: tickets.trail.events.Kind.
    """

    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=32)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    data = models.JSONField(default=dict)
    hash = models.CharField(max_length=SIGNATURE_MAX)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "seq"], name="event_chain")]

    def __str__(self) -> str:
        return f"{self.ticket_id}#{self.seq} {self.kind}"


class Outbox(models.Model):
    """An event not yet handed to the subscribers; written in the same statement as the event, deleted when done (I18).

    attempts: attempts started so far. due_at: earliest time of the next attempt; see tickets.background.dispatch.
    """

    event = models.OneToOneField(Event, models.CASCADE, primary_key=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"outbox {self.event_id}"
