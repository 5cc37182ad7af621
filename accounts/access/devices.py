"""Known devices: a signed, long-lived cookie of devices from which a person has logged in; nothing is stored (A46).

The cookie gives no access: the password is still needed. It only keeps other people's wrong passwords from locking
out the owner.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from common.keyed import keyed

COOKIE = "baton_device"
AGE_S = 180 * 24 * 3600
MOST = 5  # most people per device


def known(request: HttpRequest, username: str) -> str | None:
    """The id of this device, if this person has logged in from it before."""
    return _people(request).get(_mark(username))


def remember(request: HttpRequest, response: HttpResponse, username: str) -> None:
    """Add this person to the cookie of this device; the last MOST people are kept."""
    people = _people(request)
    device = people.pop(_mark(username), None) or secrets.token_hex(12)
    kept = dict([*people.items(), (_mark(username), device)][-MOST:])
    response.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=COOKIE),
        max_age=AGE_S,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _people(request: HttpRequest) -> dict[str, str]:
    try:
        return signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=AGE_S)
    except signing.BadSignature:
        return {}


def _mark(username: str) -> str:
    """A keyed mark of the username, so that others cannot read it."""
    return keyed("device", username)[:16]
