"""Configuration of the app `templates_engine`."""

from django.apps import AppConfig


class TemplatesEngineConfig(AppConfig):
    """Fields, expressions, chains, compiled programs, simulation."""

    name = "templates_engine"

    def ready(self) -> None:
        """Give the keys of templates to `accounts`, which limits proxies by them."""
        from accounts.ports import provide_templates
        from templates_engine.store.queries import known_keys

        provide_templates(known_keys)
