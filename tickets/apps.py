"""tickets: the walk."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """Tickets, node visits, approval tasks, events."""

    name = "tickets"
