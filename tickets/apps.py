"""tickets: the walk."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """Tickets, node visits, approval tasks, events."""

    name = "tickets"

    def ready(self) -> None:
        """Plug the counts of work into the profile."""
        from accounts.ports import provide_counts
        from tickets.queries.lists import counts

        provide_counts(counts)
