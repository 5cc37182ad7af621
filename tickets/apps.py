"""App configuration of tickets: the approval engine."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """Tickets, node visits, approval tasks, events."""

    name = "tickets"

    def ready(self) -> None:
        """Register this app's functions with the apps below, and subscribe to events of sub-tickets."""
        from accounts.ports import provide_counts
        from templates_engine.ports import provide_history, provide_preview
        from tickets.commands import children
        from tickets.content.plans import preview_plans
        from tickets.ports import subscribe
        from tickets.queries.counts import COUNTS
        from tickets.queries.history import past_tickets

        subscribe("tickets", children.on_events)
        provide_counts(COUNTS)
        provide_preview(preview_plans)
        provide_history(past_tickets)
