"""Chains of rows under keys that the database does not hold (I7, A32).

The hash of a link is the signature (config.keys) of previous hash + canonical bytes of its body; the first one follows
the empty string. Who can write to the database but lacks the key can neither change, insert nor remove a link in the
middle without being noticed; what is cut off the end, checkpoints show (tickets.checkpoints).
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol, TypeVar

import orjson

from config import keys


class Link(Protocol):
    """One row of a chain, numbered from 1."""

    seq: int
    kind: str
    hash: str


class Broken(NamedTuple):
    """The first place where a chain is not whole. what: a code; seq: the link that is missing or wrong."""

    seq: int
    what: str
    detail: str


L = TypeVar("L", bound=Link)


def canonical(value: Any) -> bytes:
    """One byte string for one JSON value: sorted keys, no spaces, UTF-8."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def link_hash(body: dict[str, Any], previous: str) -> str:
    """The hash of a new link of this body, given the hash before it ("" for the first)."""
    return keys.sign(previous.encode() + canonical(body))


def is_linked(body: dict[str, Any], previous: str, given: str) -> bool:
    """Whether this hash is that of a link of this body after that one, by the key of its time (F39)."""
    return keys.is_signed(previous.encode() + canonical(body), given)


def first_break(links: Iterable[L], body_of: Callable[[L], dict[str, Any]]) -> Broken | None:
    """Where these links, in order and from the first one on, are not whole; None where they are."""
    previous = ""
    for expected, link in enumerate(links, start=1):
        if link.seq != expected:
            return Broken(expected, "missing_event", f"event {expected} is gone; next is {link.seq}")
        if not is_linked(body_of(link), previous, link.hash):
            why = (
                "was changed or inserted"
                if keys.knows(link.hash)
                else "is signed by a key that is not in BATON_AUDIT_KEYS"
            )
            return Broken(link.seq, "changed_event", f"{link.kind} {why}")
        previous = link.hash
    return None
