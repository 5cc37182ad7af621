"""Stores and releases the shipped actions after every `migrate`."""

from typing import Any

from django.apps import apps as today

from automation.actions.library import library, shipped
from automation.actions.store import store_shipped


def install_shipped(using: str, apps: Any = today, **_rest: Any) -> None:
    """Run after `migrate`, but only if the table of action versions exists (a migration may stop earlier)."""
    tables = {model._meta.db_table for model in apps.get_models()}
    if using == "default" and "automation_actionversion" in tables:
        store_shipped(shipped().values())
        library().shelf.forget()
