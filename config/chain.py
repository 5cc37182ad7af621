"""Chains of rows under a key that the database does not hold (I7, A32).

The hash of a link is HMAC-SHA256(BATON_AUDIT_KEY, previous hash + canonical bytes of its body); the first one follows
the empty string. Who can write to the database but lacks the key can neither change, insert nor remove a link in the
middle without being noticed.
"""

import hmac
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol, TypeVar

import orjson
from django.conf import settings


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
    """The hash that a link of this body must carry, given the hash before it ("" for the first)."""
    return hmac.digest(settings.AUDIT_KEY.encode(), previous.encode() + canonical(body), "sha256").hex()


def first_break(links: Iterable[L], hash_of: Callable[[L, str], str]) -> Broken | None:
    """Where these links, in order and from the first one on, are not whole; None where they are."""
    previous = ""
    for expected, link in enumerate(links, start=1):
        if link.seq != expected:
            return Broken(expected, "missing_event", f"event {expected} is gone; next is {link.seq}")
        if not hmac.compare_digest(link.hash, hash_of(link, previous)):
            return Broken(link.seq, "changed_event", f"{link.kind} was changed or inserted")
        previous = link.hash
    return None
