"""Values that open a door, as the database keeps them: under a key that it does not hold (I24).

Who reads such a row cannot use it, and who writes one cannot make it fit.
"""

import hmac

from django.conf import settings
from django.utils.crypto import salted_hmac


def keyed(purpose: str, value: str) -> str:
    """What is stored instead of a value: HMAC-SHA256 in hex under BATON_SECRET_KEY, for this purpose alone."""
    return salted_hmac(f"baton.{purpose}", value, secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()


def fits(purpose: str, value: str, stored: str) -> bool:
    """Whether this is what was stored for the value, in constant time."""
    return hmac.compare_digest(keyed(purpose, value), stored)
