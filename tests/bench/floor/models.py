"""The least that a ticket needs: itself, tasks, events, and an outbox."""

import secrets

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q


def new_number() -> str:
    """A unique number."""
    return f"FLO-{secrets.token_hex(8)}"


class Ticket(models.Model):
    """One request."""

    number = models.CharField(max_length=32, unique=True, default=new_number)
    title = models.CharField(max_length=200)
    template = models.CharField(max_length=64)
    form = models.JSONField()
    state = models.CharField(max_length=16, default="approving")
    priority = models.CharField(max_length=16, default="normal")
    version = models.IntegerField(default=1)
    applicant = models.ForeignKey(User, models.PROTECT)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["applicant"], condition=Q(state="approving"), name="ticket_mine")]

    def __str__(self) -> str:
        return self.number


class Task(models.Model):
    """One person's decision."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="tasks")
    node = models.CharField(max_length=64)
    assignee = models.ForeignKey(User, models.PROTECT, db_index=False)
    state = models.CharField(max_length=16, default="pending")
    comment = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["assignee", "-ticket"], condition=Q(state="pending"), name="task_todo")]

    def __str__(self) -> str:
        return f"{self.node} of ticket {self.ticket_id}"


class Event(models.Model):
    """Something that happened."""

    ticket = models.ForeignKey(Ticket, models.CASCADE)
    kind = models.CharField(max_length=32)
    actor = models.ForeignKey(User, models.PROTECT, db_index=False)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.kind} of ticket {self.ticket_id}"


class Outbox(models.Model):
    """An event still to be handed out."""

    event = models.OneToOneField(Event, models.CASCADE)

    def __str__(self) -> str:
        return f"event {self.event_id}"
