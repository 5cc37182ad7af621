"""Secret values as the database stores them: as HMACs under a key that the database does not hold (I24).

Reading such a row does not reveal a usable value, and without the key nobody can write a row that matches a value.
"""

import hmac

from django.conf import settings
from django.utils.crypto import salted_hmac


def keyed(purpose: str, value: str) -> str:
    """What is stored instead of a value: HMAC-SHA256 in hex under BATON_SECRET_KEY, valid for this purpose only."""
    return salted_hmac(f"baton.{purpose}", value, secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()


def fits(purpose: str, value: str, stored: str) -> bool:
    """Whether `stored` is the stored form of this value; compared in constant time."""
    return hmac.compare_digest(keyed(purpose, value), stored)
