"""`manage.py doctor`."""

import logging
import shutil
import smtplib
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from django.conf import settings
from django.core.mail import get_connection
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from config import health, progress
from config.demo.log_ins import WHAT_TO_DO, demo_log_ins
from config.embedded import private
from config.environment import env_file

SKEW_S = 5
LOW_DISK = 1 << 30
REFUSED_LATELY_S = 24 * 3600


def kind() -> str:
    """What this is: a demonstration, which only this machine may reach, or an installation."""
    if settings.IS_DEMO and not settings.IS_PUBLIC:
        return "demonstration (`make run`), for this machine only: everybody knows its passwords and WeCom keys"
    where = settings.BATON_URL if settings.IS_PUBLIC else f"{settings.BATON_URL}, which only this machine reaches"
    return f"installation at {where}"


def accounts() -> str:
    """Nobody has the password of the demonstration."""
    if settings.IS_DEMO and not settings.IS_PUBLIC:
        return "ok"
    known = demo_log_ins()
    return f"{', '.join(known)} {WHAT_TO_DO}" if known else "ok"


def waits() -> str:
    """The limits that keep one request from holding up all others really are set on the connection."""
    mend = "Set it for the role: ALTER ROLE … SET … (docs/operation.md, pgbouncer)"
    with connection.cursor() as cursor:
        for name in ("lock_timeout", "idle_in_transaction_session_timeout"):
            cursor.execute("SELECT setting::int FROM pg_settings WHERE name = %s", [name])
            if cursor.fetchone()[0] == 0:
                return f"{name} is not set, so one stuck request can hold up all others. {mend}"
        cursor.execute("SHOW timezone")
        zone = cursor.fetchone()[0]
    return "ok" if zone in ("UTC", "Etc/UTC") else f"the session's time zone is {zone}, not UTC. {mend}"


def clock() -> str:
    """This machine's clock against the database's: rights are judged by it (F32)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        skew = abs((cursor.fetchone()[0] - datetime.now(UTC)).total_seconds())
    return "ok" if skew <= SKEW_S else f"{skew:.0f} s apart from the database's: synchronise the clocks (NTP)"


def mail() -> str:
    """The mail server takes a connection."""
    try:
        with get_connection(timeout=5):
            return "ok"
    except (OSError, smtplib.SMTPException) as error:
        return f"no mail goes out ({error}): check EMAIL_URL"


def wecom() -> str:
    """WeCom knows our application."""
    if not settings.WECOM_ENABLED:
        return "off: set WECOM_CORP_ID and WECOM_SECRET to use it"
    from notify.wecom.client import client

    try:
        client().fetch_access_token()
    except Exception as error:  # noqa: BLE001 (whatever it is, its words are the answer)
        return f"{error}: check WECOM_CORP_ID, WECOM_SECRET, WECOM_API_BASE; `manage.py wecom check` says more"
    return "ok"


def disk() -> str:
    """Room for logs and files."""
    free = shutil.disk_usage(settings.HOME).free
    return "ok" if free >= LOW_DISK else f"{free >> 20} MB left in {settings.HOME}: make room"


def privacy() -> str:
    """Nobody else on this machine reads the data folder or the env file."""
    found = private.open_to_others(settings.HOME)
    keys = env_file()
    if keys.is_file() and keys.stat().st_mode & 0o007 and str(keys) not in found:
        found.append(str(keys))
    if not found:
        return "ok"
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return (
        f"open to others: {', '.join(found[:3])}{more}: chmod -R go-rwx {settings.HOME} (`make run` does it by itself)"
    )


def moving() -> str:
    """Nothing waits that nobody comes for, and the sweeps run: a worker or the clock has stopped otherwise (F18)."""
    now = progress.look()
    if now.stuck:
        waits = ", ".join(f"{kind} for {now.ages[kind]:.0f} s" for kind in now.stuck)
        return f"waiting, and nobody comes: {waits}. Restart the worker, beat and (for jobs) the executor"
    age = now.as_json()["sweep_age_s"]
    if age is None or age > progress.LIMIT_S:
        since = "never" if age is None else f"{age:.0f} s ago"
        return f"the last sweep ran {since}: do the worker and beat run?"
    return "ok"


def messages() -> str:
    """Nobody else writes to the broker (A31)."""
    count, age = progress.refused()
    if age is None or age > REFUSED_LATELY_S:
        return "ok"
    return f"{count} were none of ours, the last one {age:.0f} s ago: who else writes to BROKER_URL? Shut them out"


def rows() -> str:
    """Nobody else writes what decides into the database (A32)."""
    count, age = progress.unsealed()
    if age is None or age > REFUSED_LATELY_S:
        return "ok"
    return f"{count} rows that decide were not written by Baton, the last one {age:.0f} s ago: who else writes to it?"


def reports() -> str:
    """The month's workbook reaches whom BATON_REPORT_TO names."""
    from reports.models import Sending
    from reports.recipients import unknown_names

    unknown = unknown_names()
    if unknown:
        return f"BATON_REPORT_TO names {', '.join(unknown)}: neither an active username nor a role"
    dead = Sending.objects.filter(state="dead").select_related("recipient").order_by("-pk").first()
    if dead is not None and dead.recipient.is_active:
        return f"the workbook of {dead.month} did not reach {dead.recipient} by {dead.channel}: {dead.last_error}"
    return "ok" if settings.REPORT_TO else "off: set BATON_REPORT_TO to send the month's workbook to roles or people"


def database() -> str:
    """The database answers."""
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    try:
        return health.database()
    except OperationalError:
        said = refusal_of_database()
        if "startup parameter" in said:
            return f"{said}: pgbouncer stands before it; set BATON_PGBOUNCER=1 (docs/operation.md)"
        return f"does not answer: check DATABASE_URL, or start it (`make run` starts an embedded one). {said}".rstrip()


def refusal_of_database() -> str:
    """What the server itself says, last line: the pool only says that time is over."""
    options = {key: value for key, value in connection.get_connection_params().items() if key != "pool"}
    try:
        psycopg.connect(**options | {"connect_timeout": 5}).close()
    except psycopg.Error as error:
        return str(error).strip().splitlines()[-1].strip()
    return ""


def broker() -> str:
    """The broker takes a connection."""
    try:
        return health.broker()
    except Exception as error:  # noqa: BLE001 (each transport has exceptions of its own)
        return f"does not answer ({error}): check BROKER_URL; meanwhile nothing is lost, only slow"


def journal() -> str:
    """The executor's journal is whole and can be written: no job starts otherwise (I26)."""
    from automation.journal import marks

    return "; ".join(marks.problems()) or "ok"


def anchors() -> str:
    """The end of the audit trail is taken out of the database every day."""
    from tickets import anchors
    from tickets.models import Ticket

    kept = anchors.kept()
    since = datetime.now(UTC) - timedelta(days=2)
    if (kept and kept[-1][0] >= since.date()) or not Ticket.objects.filter(created_at__lt=since).exists():
        return "ok"
    return f"{anchors.folder()} holds none of the last two days: do the worker and beat run, and can they write there?"


CHECKS: dict[str, Callable[[], str]] = {
    "database": database,
    "migrations": health.migrations,
    "broker": broker,
    "clock": clock,
    "limits": waits,
    "reverse proxies": health.proxies,
    "accounts": accounts,
    "progress": moving,
    "messages": messages,
    "rows": rows,
    "journal": journal,
    "anchors": anchors,
    "mail": mail,
    "WeCom": wecom,
    "reports": reports,
    "disk": disk,
    "privacy": privacy,
}


NEED_DATABASE = {
    "migrations",
    "clock",
    "limits",
    "accounts",
    "progress",
    "messages",
    "rows",
    "journal",
    "anchors",
    "reports",
}


class Command(BaseCommand):
    """Everything Baton depends on."""

    help = "Check settings, database, broker, clock, WeCom and mail, and say what to mend."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """One line each; exit 1 where something is wrong."""
        wrong: set[str] = set()
        self.stdout.write(f"✓ settings: {kind()}")
        for name, check in CHECKS.items():
            if name in NEED_DATABASE and "database" in wrong:
                self.stdout.write(f"· {name}: not checked without the database")
                continue
            found = self.ask(check)
            if found != "ok" and not found.startswith("off"):
                wrong.add(name)
            mark = "✕" if name in wrong else "✓"
            self.stdout.write(f"{mark} {name}{'' if found == 'ok' else ': ' + found}")
        if wrong:
            sys.exit(1)

    @staticmethod
    def ask(check: Callable[[], str]) -> str:
        """What a check found; one that breaks is a finding too."""
        try:
            return check()
        except Exception as error:  # noqa: BLE001
            return f"{type(error).__name__}: {error}"
