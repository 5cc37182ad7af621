"""Guessing passwords costs time, and locks nobody else out (A46).

Three delays, all of them bounded, counted in the database so that a lost cache opens nothing (F20):

- An account: after FREE wrong passwords from wherever, each further try waits for twice as long as the one before.
  A device that its person logged in from before is counted by itself: others' tries do not keep him out.
- An address from which many accounts were tried, and any address while wrong passwords rain from everywhere: a first
  try for an account is put off, once; whoever comes back then is let in. Known devices are not asked to wait.

A try that waits is refused without a look at the password, so that waiting tells nothing; it makes no delay longer.
"""

from datetime import timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction

from accounts.errors import LockedOut
from accounts.models import LoginFailure

FREE = 5
FIRST_DELAY_S, LONGEST_DELAY_S = 30.0, 900.0
QUEUE_S = 60.0
NAMES_OF_ADDRESS = 20  # in RECENT
RAIN = 200  # different accounts and places in a minute
MOST_WAITING = 500  # of one address in RECENT: beyond them nobody new is written down
RECENT = timedelta(minutes=15)
KEEP = timedelta(days=1)

STATE = """
SELECT mine.failures, mine.idle_s, pair.idle_s, address.names, rain.places
FROM (
    SELECT COALESCE(sum(failures), 0) AS failures, extract(epoch FROM clock_timestamp() - max(last_at)) AS idle_s
    FROM accounts_loginfailure
    WHERE account = %(account)s AND last_at > statement_timestamp() - %(keep)s
      AND CASE WHEN %(is_device)s THEN place = %(place)s ELSE place NOT LIKE 'device:%%' END
) mine
CROSS JOIN (
    SELECT extract(epoch FROM clock_timestamp() - max(last_at)) AS idle_s FROM accounts_loginfailure
    WHERE account = %(account)s AND place = %(place)s
) pair
CROSS JOIN (
    SELECT count(*) AS names FROM accounts_loginfailure
    WHERE place = %(place)s AND last_at > statement_timestamp() - %(recent)s
) address
CROSS JOIN (
    SELECT count(*) AS places FROM accounts_loginfailure WHERE last_at > statement_timestamp() - interval '1 minute'
) rain
"""
COUNT = """
INSERT INTO accounts_loginfailure AS row (account, place, failures, last_at)
VALUES (%(account)s, %(place)s, %(failures)s, clock_timestamp())
ON CONFLICT (account, place) DO UPDATE SET last_at = clock_timestamp(), failures = excluded.failures +
    CASE WHEN row.last_at > statement_timestamp() - %(keep)s THEN row.failures ELSE 0 END
"""


class Try(NamedTuple):
    """One log-in under way. counted: its failure is written down already."""

    account: str
    place: str
    counted: bool = False

    @property
    def is_device(self) -> bool:
        """Whether it comes from a device that is known."""
        return self.place.startswith("device:")


def admit(account: str, address: str, device: str | None) -> Try:
    """Let somebody try a password for this account. Raises LockedOut, with how long to wait.

    device: the id of a device from which this person logged in before. Where the account has a delay already, tries at
    the same moment are one after the other, and each is counted before it is made.
    """
    attempt = Try(account, f"device:{device}" if device else address)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"login {account}"])
        cursor.execute(STATE, _values(attempt))
        failures, idle_s, pair_idle_s, names, places = cursor.fetchone()
        if failures >= FREE:
            wait_s = delay_after(int(failures)) - float(idle_s)
            attempt = attempt._replace(counted=True)
        elif not attempt.is_device and (names >= NAMES_OF_ADDRESS or places >= RAIN):
            is_new = pair_idle_s is None or pair_idle_s > RECENT.total_seconds()
            wait_s = QUEUE_S - (0.0 if is_new else float(pair_idle_s))
            if is_new and names < MOST_WAITING:
                _count(attempt, failures=0)  # the wait counts from now on, however often it is asked again
        else:
            wait_s = 0.0
        if wait_s <= 0 and attempt.counted:
            _count(attempt)
    if wait_s > 0:
        raise LockedOut(wait_s)
    return attempt


def delay_after(failures: int) -> float:
    """How many seconds an account rests after so many wrong passwords."""
    if failures < FREE:
        return 0.0
    return min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** min(failures - FREE, 10))


def failed(attempt: Try) -> None:
    """The password was wrong, or nobody has this name."""
    if not attempt.counted:
        _count(attempt)


def succeeded(attempt: Try) -> None:
    """It was right: what was wrong before is forgotten, of this device where it is known, else of all others."""
    rows = LoginFailure.objects.filter(account=attempt.account)
    mine = rows.filter(place=attempt.place) if attempt.is_device else rows.exclude(place__startswith="device:")
    mine.delete()


def _count(attempt: Try, failures: int = 1) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, _values(attempt) | {"failures": failures})


def _values(attempt: Try) -> dict[str, Any]:
    return {**attempt._asdict(), "is_device": attempt.is_device, "keep": KEEP, "recent": RECENT}
