"""automation: the act."""

from django.apps import AppConfig


class AutomationConfig(AppConfig):
    """Actions, inventory, plans, jobs, executors."""

    name = "automation"
