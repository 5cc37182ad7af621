"""Signatures of taps and cards, made with a key that is not in the database (I02, I05, A21, A32).

A tap is processed long after WeCom's signature was checked. Without a seal, anybody who can insert a row could decide
as another person. A card's seal covers what the holder was shown, so that a tap cannot approve another ticket.
"""

from datetime import UTC

from common import keys
from common.chain import canonical
from notify.models import Callback, Card


def seal_tap(tap: Callback) -> None:
    """Sign a tap whose signature has just been checked, before it is stored."""
    tap.seal = keys.sign(tap_bytes(tap))


def is_true_tap(tap: Callback) -> bool:
    """Whether the row is what the callback stored."""
    return keys.is_signed(tap_bytes(tap), tap.seal)


def seal_card(card: Card) -> None:
    """Sign a card before it is sent."""
    card.seal = keys.sign(card_bytes(card))


def is_true_card(card: Card) -> bool:
    """Whether the row matches what its holder was shown."""
    return keys.is_signed(card_bytes(card), card.seal)


def tap_bytes(tap: Callback) -> bytes:
    """The signed bytes of a tap: all fields that the worker uses."""
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
    """The signed bytes of a card: key, task, holder, digest of the content, and verbs of the buttons."""
    body = {
        "key": card.key,
        "task": card.task_id,
        "user": card.user_id,
        "digest": card.digest,
        "verbs": card.verbs,
    }
    return b"card\n" + canonical(body)
