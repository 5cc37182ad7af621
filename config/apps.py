"""config: the house."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Settings, URLs, start-up checks."""

    name = "config"

    def ready(self) -> None:
        """Register how the schema shows the two ways to log in."""
        from config import openapi  # noqa: F401 (its classes register themselves)
