"""The app `automation`: runs approved actions on hosts."""

from django.apps import AppConfig


class AutomationConfig(AppConfig):
    """Actions, inventory, plans, jobs, executors."""

    name = "automation"

    def ready(self) -> None:
        """Read the action library (a broken one stops the start), and register with the apps that this one uses."""
        from django.db.models.signals import post_migrate

        from automation.actions.executors import provide_executors
        from automation.actions.install import install_shipped
        from automation.actions.library import library
        from automation.adapters.planner import InventoryPlanner
        from automation.adapters.subscriber import on_events
        from automation.credentials.witness import breaks as breaks_of_credentials
        from automation.executors import EXECUTORS
        from automation.journal.witness import breaks
        from automation.shells.alarms.witness import breaks as breaks_of_rules
        from templates_engine.ports import provide_actions
        from tickets.ports import bear_witness, provide_planner, subscribe

        provide_executors(executor() for executor in EXECUTORS.values())
        provide_actions(library())
        provide_planner(InventoryPlanner())
        subscribe("automation", on_events)
        bear_witness("automation", breaks)
        post_migrate.connect(install_shipped, sender=self, dispatch_uid="automation.actions")
        bear_witness("credentials", breaks_of_credentials)
        bear_witness("shell_words", breaks_of_rules)
