"""Hash chains of rows, signed with keys that the database does not hold (I07, A32).

The hash of a link is the signature (common.keys) of previous hash + canonical bytes of its body; the first link has
the empty string as previous hash. Without the key, a change, insertion or removal of a link in the middle is detected.
Links cut off at the end are detected by checkpoints (tickets.audit.checkpoints).
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol, TypeVar

import orjson

from common import keys


class Link(Protocol):
    """One row of a chain, numbered from 1."""

    seq: int
    kind: str
    hash: str


class Broken(NamedTuple):
    """The first break in a chain. what: a code; seq: the link that is missing or wrong."""

    seq: int
    what: str
    detail: str


L = TypeVar("L", bound=Link)


def canonical(value: Any) -> bytes:
    """The canonical bytes of a JSON value: sorted keys, no spaces, UTF-8."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def link_hash(body: dict[str, Any], previous: str) -> str:
    """The hash of a new link with this body after the link with hash `previous` ("" for the first)."""
    return keys.sign(previous.encode() + canonical(body))


def is_linked(body: dict[str, Any], previous: str, given: str) -> bool:
    """Whether `given` is the hash of a link with this body after `previous`, by the key that signed it (F39)."""
    return keys.is_signed(previous.encode() + canonical(body), given)


def first_break(links: Iterable[L], body_of: Callable[[L], dict[str, Any]]) -> Broken | None:
    """The first break in these links; None if there is none. links: in order, starting with the first one."""
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
