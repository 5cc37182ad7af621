"""Checks of the services that Baton depends on: database, broker, mail, WeCom, Salt."""

import logging
import smtplib
from datetime import UTC, datetime

import psycopg
from django.conf import settings
from django.core.mail import get_connection
from django.db import OperationalError, connection

from config import health

SKEW_S = 5


def database() -> str:
    """Check that the database answers."""
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    try:
        return health.database()
    except OperationalError:
        said = refusal_of_database()
        if "startup parameter" in said:
            return f"{said}: pgbouncer is in front of it; set BATON_PGBOUNCER=1 (docs/operation.md)"
        return f"does not answer: check DATABASE_URL, or start it (`make run` starts an embedded one). {said}".rstrip()


def refusal_of_database() -> str:
    """The last line of the server's own error; the pool itself only reports a timeout."""
    options = {key: value for key, value in connection.get_connection_params().items() if key != "pool"}
    try:
        psycopg.connect(**options | {"connect_timeout": 5}).close()
    except psycopg.Error as error:
        return str(error).strip().splitlines()[-1].strip()
    return ""


def waits() -> str:
    """Check that the connection has the timeouts that keep one request from blocking all others."""
    mend = "Set it for the role: ALTER ROLE … SET … (docs/operation.md, pgbouncer)"
    with connection.cursor() as cursor:
        for name in ("lock_timeout", "idle_in_transaction_session_timeout"):
            cursor.execute("SELECT setting::int FROM pg_settings WHERE name = %s", [name])
            if cursor.fetchone()[0] == 0:
                return f"{name} is not set, so one stuck request can block all others. {mend}"
        cursor.execute("SHOW timezone")
        zone = cursor.fetchone()[0]
    return "ok" if zone in ("UTC", "Etc/UTC") else f"the session's time zone is {zone}, not UTC. {mend}"


def clock() -> str:
    """Compare this machine's clock with the database's: permissions depend on the time (F32)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        skew = abs((cursor.fetchone()[0] - datetime.now(UTC)).total_seconds())
    return "ok" if skew <= SKEW_S else f"{skew:.0f} s apart from the database's: synchronise the clocks (NTP)"


def broker() -> str:
    """Check that the broker accepts a connection."""
    try:
        return health.broker()
    except Exception as error:  # noqa: BLE001 (each transport has exceptions of its own)
        return f"does not answer ({error}): check BROKER_URL; meanwhile nothing is lost, only slow"


def mail() -> str:
    """Check that the mail server accepts a connection."""
    try:
        with get_connection(timeout=5):
            return "ok"
    except (OSError, smtplib.SMTPException) as error:
        return f"no mail goes out ({error}): check EMAIL_URL"


def wecom() -> str:
    """Check that WeCom accepts our application's id and secret."""
    if not settings.WECOM_ENABLED:
        return "off: set WECOM_CORP_ID and WECOM_SECRET to use it"
    from notify.wecom.client import client

    try:
        client().fetch_access_token()
    except Exception as error:  # noqa: BLE001 (whatever it is, its words are the answer)
        return f"{error}: check WECOM_CORP_ID, WECOM_SECRET, WECOM_API_BASE; `manage.py wecom check` says more"
    return "ok"


def salt() -> str:
    """Check that salt-api accepts the executor, allows only the clients it needs, and has the inventory's minions."""
    from automation.executors.salt import account, checks
    from automation.models import Host

    if not settings.SALT_API_URL:
        return "off: set SALT_API_URL to run actions through Salt"
    minions = Host.objects.filter(is_active=True).exclude(minion="").order_by("minion").values_list("minion", flat=True)
    try:
        return checks.problem(list(minions)) or "ok"
    except account.NotSet as error:
        return f"off here: {error} Ask on the executor, with its environment"
