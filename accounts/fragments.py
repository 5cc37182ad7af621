"""Fragments of SQL that are read beside the caller: one statement, one trip to the database.

The statement that checks the session (accounts.access.sessions) takes a fragment along: a scalar subquery, written out,
that returns JSON. In its text `u` is the caller's row of accounts_user, and all names are constants. If the session has
ended, the statement returns nothing; if the caller may not log in any more, what it returned is dropped.
"""

from dataclasses import dataclass, field
from typing import Any

import orjson

from accounts.models import User
from common.prepared import prepared

NOTHING = "null"  # the JSON of a fragment that found no row


@dataclass(frozen=True)
class Fragment:
    """`sql` returns one JSON value, or no row; `values` are its values by name."""

    sql: str
    values: dict[str, Any] = field(default_factory=dict)


def read(fragment: Fragment, user: User) -> Any:
    """The value of this fragment for this person, in a statement of its own; None if it found nothing."""
    with prepared() as cursor:
        text = f"SELECT ({fragment.sql})::text FROM accounts_user u WHERE u.id = %(user)s"  # noqa: S608 (constants)
        cursor.execute(text, {**fragment.values, "user": user.pk})
        return orjson.loads(cursor.fetchone()[0] or NOTHING)
