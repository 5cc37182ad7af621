"""automation: the act."""

from django.apps import AppConfig


class AutomationConfig(AppConfig):
    """Actions, inventory, plans, jobs, executors."""

    name = "automation"

    def ready(self) -> None:
        """Read the action library (a broken one stops the start) and plug into the layers below."""
        from automation.journal.witness import breaks
        from automation.planner import InventoryPlanner
        from automation.registry import library
        from automation.subscriber import on_events
        from templates_engine.ports import provide_actions
        from tickets.ports import bear_witness, provide_planner, subscribe

        provide_actions(library())
        provide_planner(InventoryPlanner())
        subscribe("automation", on_events)
        bear_witness("automation", breaks)
