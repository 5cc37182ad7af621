"""Table of log-in sessions."""

from importlib import import_module

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class Session(AbstractBaseSession):
    """A browser's session. `user` allows loading session and user in one query, and ending all log-ins of a person."""

    user = models.ForeignKey("accounts.User", models.CASCADE, null=True, related_name="sessions")

    @classmethod
    def get_session_store_class(cls) -> type:
        """The store that reads and writes these rows."""
        store: type = import_module(settings.SESSION_ENGINE).SessionStore
        return store
