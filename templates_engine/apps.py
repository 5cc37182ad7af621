"""templates_engine: what."""

from django.apps import AppConfig


class TemplatesEngineConfig(AppConfig):
    """Fields, expressions, chains, compiled programs, simulation."""

    name = "templates_engine"

    def ready(self) -> None:
        """Let proxies know which templates there are."""
        from accounts.ports import provide_templates
        from templates_engine.queries import known_keys

        provide_templates(known_keys)
