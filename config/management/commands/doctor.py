"""`manage.py doctor`."""

import sys
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand

from config import health, versions
from config.doctor import executor, machine, services, work

CHECKS: dict[str, Callable[[], str]] = {
    "database": services.database,
    "migrations": health.migrations,
    "broker": services.broker,
    "clock": services.clock,
    "limits": services.waits,
    "reverse proxies": health.proxies,
    "accounts": machine.accounts,
    "progress": work.moving,
    "versions": work.versions_in_use,
    "messages": work.messages,
    "rows": work.rows,
    "journal": executor.journal,
    "sites": work.sites,
    "credentials": executor.credentials,
    "separation": executor.separation,
    "anchors": work.anchors,
    "mail": services.mail,
    "WeCom": services.wecom,
    "Salt": services.salt,
    "reports": work.reports,
    "disk": machine.disk,
    "privacy": machine.privacy,
}


NEED_DATABASE = {
    "Salt",
    "migrations",
    "clock",
    "limits",
    "accounts",
    "progress",
    "versions",
    "messages",
    "rows",
    "journal",
    "sites",
    "credentials",
    "anchors",
    "reports",
}


class Command(BaseCommand):
    """Checks of everything that Baton depends on."""

    help = "Check settings, database, broker, clock, WeCom and mail, and say what to fix."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Print one line per check; exit 1 if one fails."""
        wrong: set[str] = set()
        self.stdout.write(f"✓ settings: {machine.kind()}, version {versions.VERSION}")
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
        """The result of a check; an exception counts as a problem."""
        try:
            return check()
        except Exception as error:  # noqa: BLE001
            return f"{type(error).__name__}: {error}"
