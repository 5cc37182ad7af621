"""Quotas against floods: so much a minute, for each person and each address (A47).

What is limited makes rows, news or work for others. Deciding, withdrawing and stopping are not limited: they must stay
possible whatever else goes on. Each kind has a bucket that fills evenly; a burst may take all of it at once.
The table may be lost (it is unlogged, so that counting costs no flush to disk): everybody then starts with a full one.
"""

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from accounts.authentication import caller
from accounts.models import Quota
from config.address import client_address
from config.errors import TooMany

WINDOW_S = 60.0
PEOPLE_OF_ADDRESS = 10  # an address may ask for as much as so many people

# A refused request takes nothing: its row stays as it is and does not come back. Nor does it take from its address,
# else one who is refused would empty what is his colleagues' as well.
BUCKET = """
    INSERT INTO accounts_quota AS row (key, full_at)
    SELECT %(key)s, clock_timestamp() + %(step)s WHERE {condition}
    ON CONFLICT (key) DO UPDATE SET full_at = greatest(row.full_at, clock_timestamp()) + %(step)s
        WHERE greatest(row.full_at, clock_timestamp()) + %(step)s <= clock_timestamp() + %(window)s
    RETURNING key
"""
OWN = BUCKET.replace("%(key)s", "%(person)s").replace("%(step)s", "%(own)s").format(condition="true")
SHARED = BUCKET.replace("%(key)s", "%(address)s").replace("%(step)s", "%(shared)s")
TAKE = f"""
WITH own AS ({OWN}), shared AS ({SHARED.format(condition="EXISTS (SELECT FROM own)")})
SELECT EXISTS (SELECT FROM own), EXISTS (SELECT FROM shared)
"""  # noqa: S608 (constants only)


class QuotaSpent(TooMany):
    """More than this person, or this address, may ask for in a minute."""

    text = _("Too many requests of this kind. Try again in %(wait)s; deciding and withdrawing go on meanwhile.")


def spend(kind: str, request: Request) -> None:
    """Take one of the caller's allowance of this kind, and of his address's, in one statement. Raises QuotaSpent."""
    limit = settings.QUOTAS[kind]
    own, shared = WINDOW_S / limit, WINDOW_S / (limit * PEOPLE_OF_ADDRESS)
    values = {
        "person": f"{kind} person {caller(request).pk}",
        "address": f"{kind} address {client_address(request._request)}",
        "own": timedelta(seconds=own),
        "shared": timedelta(seconds=shared),
        "window": timedelta(seconds=WINDOW_S),
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE, values)  # type: ignore[arg-type]  # psycopg takes intervals
        has_own, has_shared = cursor.fetchone()
    if not (has_own and has_shared):
        raise QuotaSpent(shared if has_own else own)


def forget() -> None:
    """Drop what is whole again."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {Quota._meta.db_table} WHERE full_at < clock_timestamp()")  # noqa: S608
