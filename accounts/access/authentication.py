"""DRF authentication: session cookie with CSRF token for browsers, bearer token for scripts."""

from typing import Any, cast

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.models.token import digest
from accounts.trail.acts import Origin
from common.address import client_address
from common.problems import CsrfFailed


class CookieAuthentication(SessionAuthentication):
    """The browser's session; every unsafe request needs the CSRF token (A08)."""

    channel = "web"

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """The session's user, without the lazy object around it."""
        if super().authenticate(request) is None:
            return None
        session: Any = request._request.session
        return session.user, None

    def enforce_csrf(self, request: Request) -> None:
        """Raises CsrfFailed, with the same message as Django's own middleware elsewhere."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise CsrfFailed from error


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`. An unknown or expired token, or one of a disabled owner, gives 401."""

    channel = "api"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The token's owner; None if no bearer token was sent."""
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
        """The scheme that a 401 response asks for."""
        return "Bearer"


def caller(request: Request) -> User:
    """The user of an authenticated request."""
    return cast(User, request.user)


def origin(request: Request) -> Origin:
    """The channel and client address of this request."""
    return Origin(channel(request), client_address(request._request))


def channel(request: Any) -> str:
    """The channel of this request: `web` or `api`."""
    return getattr(request.successful_authenticator, "channel", "web")
