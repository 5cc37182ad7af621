"""templates_engine: what."""

from django.apps import AppConfig


class TemplatesEngineConfig(AppConfig):
    """Fields, expressions, chains, compiled programs, simulation."""

    name = "templates_engine"
