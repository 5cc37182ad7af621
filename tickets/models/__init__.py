"""Database tables of tickets."""

from tickets.models.approval_task import ApprovalTask
from tickets.models.attachment import Attachment
from tickets.models.checkpoint import Checkpoint
from tickets.models.content import ContentVersion
from tickets.models.event import Event, Outbox
from tickets.models.node_visit import NodeVisit
from tickets.models.participant import Participant
from tickets.models.ticket import Ticket
from tickets.models.timer import Timer

__all__ = [
    "ApprovalTask",
    "Attachment",
    "Checkpoint",
    "ContentVersion",
    "Event",
    "NodeVisit",
    "Outbox",
    "Participant",
    "Ticket",
    "Timer",
]
