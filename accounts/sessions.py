"""The session store (SESSION_ENGINE): Django's database sessions, loaded together with their user.

A request that is logged in costs one query: session, user and department come in one row, and a disabled
person or a deleted session is noticed on the very next request (A46).
"""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

from accounts.models import Session, User

USER_KEY = "_auth_user_id"


class SessionStore(DatabaseStore):
    """Keeps the row's user at `self.user` after loading; None where nobody is logged in."""

    user: User | None = None

    @classmethod
    def get_model_class(cls) -> type[AbstractBaseSession]:
        """The table of sessions."""
        return Session

    def _get_session_from_db(self) -> Any:
        row = (
            Session.objects.select_related("user__department")
            .filter(session_key=self.session_key, expire_date__gt=timezone.now())
            .first()
        )
        if row is None:
            self._session_key = None
            return None
        self.user = row.user
        return row

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """A row for this session, tied to the user it holds."""
        row = super().create_model_instance(data)
        row.user_id = data.get(USER_KEY)  # type: ignore[attr-defined]
        return row
