"""Log-in sessions, with their person beside them."""

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class Session(AbstractBaseSession):
    """A browser's session. `user` lets one query answer "who is asking", and ends all of somebody's log-ins."""

    user = models.ForeignKey("accounts.User", models.CASCADE, null=True, related_name="sessions")

    @classmethod
    def get_session_store_class(cls) -> type:
        """The store that reads and writes these rows."""
        from accounts.sessions import SessionStore

        return SessionStore
