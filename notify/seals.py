"""Seals of the rows by which a tap is judged: a signature that the database cannot make (I2, I5, A21, A32).

Whoever can insert a row could else decide as anybody: a tap is worked off long after WeCom's signature over it was
checked. Of a card it is what its holder was shown, so that nobody signs one ticket while he looks at another one.
"""

from datetime import UTC

from config import keys
from config.chain import canonical
from notify.models import Callback, Card


def seal_tap(tap: Callback) -> None:
    """Sign a tap whose signature has just been checked, before it is stored."""
    tap.seal = keys.sign(tap_bytes(tap))


def is_true_tap(tap: Callback) -> bool:
    """Whether this is what the callback stored."""
    return keys.is_signed(tap_bytes(tap), tap.seal)


def seal_card(card: Card) -> None:
    """Sign a card as it is about to be sent."""
    card.seal = keys.sign(card_bytes(card))


def is_true_card(card: Card) -> bool:
    """Whether the row says what its holder was shown."""
    return keys.is_signed(card_bytes(card), card.seal)


def tap_bytes(tap: Callback) -> bytes:
    """All of a tap that the worker believes."""
    body = {
        "identity": tap.identity,
        "userid": tap.userid,
        "card_key": tap.card_key,
        "verb": tap.verb,
        "response_code": tap.response_code,
        "received_at": tap.received_at.astimezone(UTC).isoformat(timespec="microseconds"),
    }
    return b"tap\n" + canonical(body)


def card_bytes(card: Card) -> bytes:
    """Whose card of which task it is, what it showed and what its buttons do."""
    body = {
        "key": card.key,
        "task": card.task_id,
        "user": card.user_id,
        "digest": card.digest,
        "verbs": card.verbs,
    }
    return b"card\n" + canonical(body)
