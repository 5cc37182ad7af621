"""tickets: the walk."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """Tickets, node visits, approval tasks, events."""

    name = "tickets"

    def ready(self) -> None:
        """Plug the counts of work into the profile, and the plans into the simulation."""
        from accounts.ports import provide_counts
        from templates_engine.ports import provide_preview
        from tickets.content import preview_plans
        from tickets.queries.lists import counts

        provide_counts(counts)
        provide_preview(preview_plans)
