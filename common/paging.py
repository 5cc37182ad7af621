"""Keyset paging: `?limit=` (default 20, at most 100) and an opaque `?cursor=`; responses are {results, next}.

A short list (`short_list`) is returned whole unless the request gives a limit or a cursor.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.http import QueryDict
from django.utils.translation import gettext as _

from common.errors import DomainError

DEFAULT_LIMIT, MAX_LIMIT = 20, 100


class BadPage(DomainError):
    """The limit or the cursor cannot be used."""

    code, status = "bad_page", 422


@dataclass(frozen=True)
class Page:
    """The part of a list to return. after: the key of the last row of the page before; None for the first page."""

    limit: int
    after: Any | None

    def answer(self, rows: Sequence[Any], key: Callable[[Any], Any]) -> dict[str, Any]:
        """{results, next} from at most limit + 1 rows; `key` returns a row's sort key."""
        shown = list(rows[: self.limit])
        more = len(rows) > self.limit
        return {"results": shown, "next": encode(key(shown[-1])) if more else None}


def encode(key: Any) -> str:
    """An opaque cursor for this key (any JSON value)."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def decode(cursor: str) -> Any:
    """The key in this cursor. Raises BadPage."""
    try:
        return orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise BadPage(_("This cursor is not valid. Start again without it.")) from error


def page(query: QueryDict, key_type: type = int) -> Page:
    """The page that the request asks for. Raises BadPage."""
    try:
        limit = int(query.get("limit") or DEFAULT_LIMIT)
    except ValueError as error:
        raise BadPage(_("`limit` must be a whole number from 1 to 100.")) from error
    if not 1 <= limit <= MAX_LIMIT:
        raise BadPage(_("`limit` must be a whole number from 1 to 100."))
    cursor = query.get("cursor")
    after = decode(cursor) if cursor else None
    if after is not None and type(after) is not key_type:
        raise BadPage(_("This cursor is not valid. Start again without it."))
    return Page(limit, after)


def short_list(query: QueryDict, rows: Sequence[Any]) -> dict[str, Any]:
    """{results, next} of a list that is read whole anyway; its cursor is an index. Raises BadPage."""
    if not ({"limit", "cursor"} & query.keys()):
        return {"results": list(rows), "next": None}
    asked = page(query)
    start = max(asked.after or 0, 0)
    end = start + asked.limit
    return {"results": list(rows[start:end]), "next": encode(end) if len(rows) > end else None}
