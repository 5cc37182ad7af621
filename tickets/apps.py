"""tickets: the walk."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """Tickets, node visits, approval tasks, events."""

    name = "tickets"

    def ready(self) -> None:
        """Plug the counts of work into the profile, the plans into the simulation, and hear of sub-tickets."""
        from accounts.ports import provide_counts
        from templates_engine.ports import provide_history, provide_preview
        from tickets.commands import children
        from tickets.plans import preview_plans
        from tickets.ports import subscribe
        from tickets.queries.history import past_tickets
        from tickets.queries.lists import counts

        subscribe("tickets", children.hear)
        provide_counts(counts)
        provide_preview(preview_plans)
        provide_history(past_tickets)
