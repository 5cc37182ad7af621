"""Log-in by username and password. Sessions store the path of this module: if it moves, everybody is logged out."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from accounts.models import User


class PasswordBackend(BaseBackend):
    """Accepts active people only. An unknown username takes as long as a wrong password (A46)."""

    def authenticate(
        self,
        request: HttpRequest | None,  # noqa: ARG002 (Django's signature)
        username: str | None = None,
        password: str | None = None,
        **_others: Any,
    ) -> User | None:
        """The user, or None."""
        if not username or not password:
            return None
        user = User.objects.filter(username=username).first()
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        """The user of a session."""
        return User.objects.filter(pk=user_id, is_active=True).first()
