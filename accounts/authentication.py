"""DRF authentication: a browser's cookie with CSRF, or a script's bearer token."""

from typing import Any, cast

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.models.token import digest
from accounts.trail import Origin
from config.address import client_address
from config.problems import CsrfFailed


class CookieAuthentication(SessionAuthentication):
    """The browser's session; every unsafe request needs the CSRF token (A8)."""

    channel = "web"

    def enforce_csrf(self, request: Request) -> None:
        """Raises CsrfFailed, with the words of Django's own middleware elsewhere."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise CsrfFailed from error


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`. An unknown, expired or disabled owner's token is 401, never anonymous."""

    channel = "api"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The token's owner; None where no bearer token was sent."""
        scheme, _space, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = (
            ApiToken.objects.select_related("user__department")
            .filter(digest=digest(secret.strip().decode("latin-1")), user__is_active=True)
            .first()
        )
        if token is None or not token.is_whole() or (token.expires_at and token.expires_at <= timezone.now()):
            raise AuthenticationFailed(_("This token is unknown or has ended. Create a new one in your settings."))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 (DRF's signature)
        """What a 401 says is wanted."""
        return "Bearer"


def caller(request: Request) -> User:
    """The person behind an authenticated request."""
    return cast(User, request.user)


def origin(request: Request) -> Origin:
    """Through which channel and from where this request acts."""
    return Origin(channel(request), client_address(request._request))


def channel(request: Any) -> str:
    """Through which channel this request acts: `web` or `api`."""
    return getattr(request.successful_authenticator, "channel", "web")
