"""Slow down password guessing, without locking out the owner (A46).

All delays are limited, and counted in the database, so that losing a cache opens nothing (F20):

- Account: after FREE wrong passwords from anywhere, the wait doubles with each further attempt. A device known for
  this person is counted separately, so that other people's attempts do not lock the owner out.
- Address: if many accounts were tried from one address, or wrong passwords come from everywhere, a first attempt for
  an account is delayed once; a later attempt is admitted. Known devices do not wait.

An attempt during a wait is refused without checking the password, so it gives no information; it does not extend the
wait.
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
RAIN = 200  # different accounts and places per minute
MOST_WAITING = 500  # per address in RECENT; more are not recorded
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
    """One log-in attempt. counted: its failure is already recorded."""

    account: str
    place: str
    counted: bool = False

    @property
    def is_device(self) -> bool:
        """Whether it comes from a known device."""
        return self.place.startswith("device:")


def admit(account: str, address: str, device: str | None) -> Try:
    """Admit one password attempt for this account. Raises LockedOut with the time to wait.

    device: id of a device from which this person has logged in before. While the account has a delay, parallel attempts
    run one after another, and each is counted before it is made.
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
                _count(attempt, failures=0)  # the wait starts now; repeated attempts do not extend it
        else:
            wait_s = 0.0
        if wait_s <= 0 and attempt.counted:
            _count(attempt)
    if wait_s > 0:
        raise LockedOut(wait_s)
    return attempt


def delay_after(failures: int) -> float:
    """How many seconds an account waits after so many wrong passwords."""
    if failures < FREE:
        return 0.0
    return min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** min(failures - FREE, 10))


def failed(attempt: Try) -> None:
    """Record a wrong password or an unknown username."""
    if not attempt.counted:
        _count(attempt)


def succeeded(attempt: Try) -> None:
    """Forget earlier failures: those of this device if it is known, else all that are not from known devices."""
    rows = LoginFailure.objects.filter(account=attempt.account)
    mine = rows.filter(place=attempt.place) if attempt.is_device else rows.exclude(place__startswith="device:")
    mine.delete()


def _count(attempt: Try, failures: int = 1) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, _values(attempt) | {"failures": failures})


def _values(attempt: Try) -> dict[str, Any]:
    return {**attempt._asdict(), "is_device": attempt.is_device, "keep": KEEP, "recent": RECENT}
