"""Rate limits against floods: so many requests per minute, for each person and each address (A47).

Limited are requests that create rows, notifications or work for others. Deciding, withdrawing and stopping are never
limited. Each kind has a token bucket that refills evenly; a burst may use all of it at once. The table is unlogged, so
that counting needs no flush to disk; if it is lost, everybody starts with a full bucket.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from accounts.access.authentication import caller
from accounts.models import Quota
from common.address import client_address
from common.errors import TooMany
from common.prepared import prepared

WINDOW_S = 60.0
PEOPLE_OF_ADDRESS = 10  # an address may use as much as so many people

# A refused request takes nothing: its row stays unchanged and is not returned. It does not take from its address
# either; otherwise one refused person would use up the quota of colleagues.
BUCKET = """
    INSERT INTO accounts_quota AS row (key, full_at)
    SELECT %(key)s, clock_timestamp() + %(step)s WHERE {condition}
    ON CONFLICT (key) DO UPDATE SET full_at = greatest(row.full_at, clock_timestamp()) + %(step)s
        WHERE greatest(row.full_at, clock_timestamp()) + %(step)s <= clock_timestamp() + %(window)s
    RETURNING key
"""
ANYBODY = BUCKET.format(condition="true")
OWN = BUCKET.replace("%(key)s", "%(person)s").replace("%(step)s", "%(own)s")
SHARED = BUCKET.replace("%(key)s", "%(address)s").replace("%(step)s", "%(shared)s")


def taking(condition: str = "true") -> str:
    """The parts `own` and `shared` of a statement that takes a unit if this holds; a constant. The values: `units`."""
    shared = SHARED.format(condition="EXISTS (SELECT FROM own)")
    return f"own AS ({OWN.format(condition=condition)}), shared AS ({shared})"


TAKE = f"WITH {taking()} SELECT EXISTS (SELECT FROM own), EXISTS (SELECT FROM shared)"  # noqa: S608 (constants only)


class QuotaSpent(TooMany):
    """This person or address has used up the quota of this minute."""

    text = _("Too many requests of this kind. Try again in %(wait)s; deciding and withdrawing are not limited.")


def spend_as(key: str, limit: int) -> None:
    """Take one unit of this key's quota of `limit` per minute, for callers that are not people. Raises QuotaSpent."""
    step = WINDOW_S / limit
    values = {"key": key, "step": timedelta(seconds=step), "window": timedelta(seconds=WINDOW_S)}
    with prepared() as cursor:
        cursor.execute(ANYBODY, values)  # type: ignore[arg-type]  # psycopg takes intervals
        if cursor.fetchone() is None:
            raise QuotaSpent(step)


def spend(kind: str, request: Request) -> None:
    """Take one unit of the caller's quota and of the address's, in one statement. Raises QuotaSpent."""
    with prepared() as cursor:
        cursor.execute(TAKE, units(kind, request))
        require_taken(kind, *cursor.fetchone())


def units(kind: str, request: Request) -> dict[str, Any]:
    """The values of `taking` for this caller and address."""
    own, shared = _steps(kind)
    return {
        "person": f"{kind} person {caller(request).pk}",
        "address": f"{kind} address {client_address(request._request)}",
        "own": timedelta(seconds=own),
        "shared": timedelta(seconds=shared),
        "window": timedelta(seconds=WINDOW_S),
    }


def require_taken(kind: str, has_own: bool, has_shared: bool) -> None:
    """Raise QuotaSpent unless a unit was taken of both."""
    own, shared = _steps(kind)
    if not (has_own and has_shared):
        raise QuotaSpent(shared if has_own else own)


def _steps(kind: str) -> tuple[float, float]:
    """Seconds in which a unit comes back: the person's, the address's."""
    limit = settings.QUOTAS[kind]
    return WINDOW_S / limit, WINDOW_S / (limit * PEOPLE_OF_ADDRESS)


def forget() -> None:
    """Delete rows of full buckets."""
    with prepared() as cursor:
        cursor.execute(f"DELETE FROM {Quota._meta.db_table} WHERE full_at < clock_timestamp()")  # noqa: S608
