"""The audit keys. They sign everything that must not be forged by writing to the database (I13, F39).

BATON_AUDIT_KEYS names them, and the first one signs; BATON_AUDIT_KEY alone is a key without a name. A signature is the
HMAC-SHA256 in hex, with the prefix `name:` if its key has a name, so that an old signature is checked with its own key.
"""

import hmac
import re

from django.conf import settings

KEY_MIN = 32
ID_MAX = 32
SIGNATURE_MAX = ID_MAX + 1 + 64
_ID = re.compile(r"[A-Za-z0-9._-]{1,32}")


def parse(entries: list[str]) -> dict[str, str]:
    """{id: key} of `id:key` entries, in their order. Raises ValueError that says what is wrong and shows no key."""
    keys: dict[str, str] = {}
    for position, entry in enumerate(entries, start=1):
        name, colon, key = entry.strip().partition(":")
        if not colon or _ID.fullmatch(name) is None:
            raise ValueError(f"entry {position} must be id:key, the id of letters, digits, dots, dashes (32 at most)")
        if len(key) < KEY_MIN:
            raise ValueError(f"the key {name} must have at least {KEY_MIN} characters")
        if name in keys:
            raise ValueError(f"the key {name} is there twice")
        keys[name] = key
    return keys


def sign(message: bytes) -> str:
    """The signature of a message by the current signing key."""
    name = next(iter(settings.AUDIT_KEYS), "")
    return _signature(name, settings.AUDIT_KEYS[name] if name else settings.AUDIT_KEY, message)


def is_signed(message: bytes, signature: str) -> bool:
    """Whether one of our keys made this signature. If it names a key, only that key counts."""
    name, colon, _digest = signature.rpartition(":")
    named, unnamed = [settings.AUDIT_KEYS.get(name, "")], [settings.AUDIT_KEY, *settings.AUDIT_KEYS.values()]
    candidates = named if colon else unnamed  # unnamed: made before keys had names; its key may have one now
    given = signature.encode()
    return any(key and hmac.compare_digest(_signature(name, key, message).encode(), given) for key in candidates)


def knows(signature: str) -> bool:
    """Whether the key that this signature names is one of ours; True if it names none."""
    name, colon, _digest = signature.rpartition(":")
    return not colon or name in settings.AUDIT_KEYS


def _signature(name: str, key: str, message: bytes) -> str:
    digest = hmac.digest(key.encode(), message, "sha256").hex()
    return f"{name}:{digest}" if name else digest
