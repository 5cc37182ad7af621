"""Middleware: the session's user and the request's language."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from accounts.access.sessions import USER_KEY
from accounts.models import User

HASH_KEY = "_auth_user_hash"
Handler = Callable[[HttpRequest], HttpResponse]


def session_user(request: HttpRequest) -> User | AnonymousUser:
    """The user of this session; anonymous if disabled, or if the password has changed since the log-in."""
    session = request.session
    if not session.get(USER_KEY):
        return AnonymousUser()
    user = getattr(session, "user", None)
    if user is None or not user.is_active or str(user.pk) != session[USER_KEY]:
        return AnonymousUser()
    if not constant_time_compare(session.get(HASH_KEY, ""), user.get_session_auth_hash()):
        return AnonymousUser()
    return user


class SessionUserMiddleware:
    """Sets request.user without a query: the session store has loaded the user."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(lambda: session_user(request))  # type: ignore[assignment]
        return self.get_response(request)


class LanguageMiddleware:
    """Sets the caller's language: from Accept-Language, else BATON_LANGUAGE."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.headers.get("Accept-Language", "")
        language = translation.get_language_from_request(request) if asked else settings.LANGUAGE_CODE
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
