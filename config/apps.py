"""App configuration of config."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Settings, URLs, start-up checks."""

    name = "config"

    def ready(self) -> None:
        """Make the Celery application, describe the two authentication methods, and read this process's version."""
        from common import openapi  # noqa: F401 (its classes register themselves)
        from config import celery, versions  # noqa: F401 (the version is read at the start; signals are connected)
