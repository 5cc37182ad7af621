"""Devices that a person logged in from before, by a signed cookie of a long life; nothing of them is stored (A46).

It opens nothing: whoever brings it still needs the password. It only keeps others' wrong tries from locking him out.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from config.keyed import keyed

COOKIE = "baton_device"
AGE_S = 180 * 24 * 3600
MOST = 5  # people of one device


def known(request: HttpRequest, username: str) -> str | None:
    """The id of this device, if this person logged in from it before."""
    return _people(request).get(_mark(username))


def remember(request: HttpRequest, response: HttpResponse, username: str) -> None:
    """From now on this is a device of this person's, beside those who used it last."""
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
    """Who it is, for nobody else to read."""
    return keyed("device", username)[:16]
