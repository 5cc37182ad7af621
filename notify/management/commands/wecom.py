"""`manage.py wecom sandbox|check|sync`."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from notify.wecom.client import WeComError, cgi_bin, client
from notify.wecom.directory import fetch
from notify.wecom.sync import TooManyGone, sync

HINTS = {
    40001: "WECOM_SECRET is wrong, or the application is disabled",
    40013: "WECOM_CORP_ID is wrong",
    40056: "WECOM_AGENT_ID is wrong",
    40091: "WECOM_SECRET belongs to another company",
    301002: "WECOM_AGENT_ID and WECOM_SECRET belong to different applications",
    50003: "the application is disabled in the WeCom console",
    60020: "add this server's address to the application's trusted IP list (the message below shows it)",
    48002: "the application lacks the permission for this call",
    45009: "too many calls; wait a minute",
}
SANDBOX_FOLDER = "wecom-sandbox"


class Command(BaseCommand):
    """WeCom: start the sandbox, check the connection, synchronise the directory."""

    help = (
        "sandbox: start the WeCom stand-in with the current settings. check: test whether WeCom answers. "
        "sync: copy departments and people from WeCom."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the subcommand and its options."""
        parser.add_argument("what", choices=["sandbox", "check", "sync"])
        parser.add_argument("--port", default="8001", help="port of the sandbox (default 8001)")
        parser.add_argument("--dry-run", action="store_true", help="sync: only report what would change")
        parser.add_argument(
            "--let-many-go", action="store_true", help="sync: disable everybody who has left, however many"
        )

    def handle(self, *args: Any, what: str, port: str, dry_run: bool, let_many_go: bool, **options: Any) -> None:  # noqa: ARG002
        """Run the subcommand."""
        if what == "sandbox":
            self._sandbox(port)
        elif what == "check":
            self._check()
        else:
            self._sync(dry_run=dry_run, let_many_go=let_many_go)

    def _sandbox(self, port: str) -> None:
        """Replace this process with `python -m sandbox.wecom`; Ctrl-C stops it."""
        command = [sys.executable, "-m", "sandbox.wecom"]
        self.stdout.write(" ".join(command))
        self.stdout.flush()
        os.chdir(settings.ROOT)
        os.execve(sys.executable, command, {**os.environ, **sandbox_environment(port)})  # noqa: S606

    def _sync(self, *, dry_run: bool, let_many_go: bool) -> None:
        """Synchronise departments and people, and print each change."""
        require_wecom()
        linked = User.objects.filter(is_active=True).exclude(wecom_userid=None)
        known = [str(userid) for userid in linked.values_list("wecom_userid", flat=True)]
        try:
            found = fetch(client(), known)
            lines = sync(found, dry_run=dry_run, let_many_go=let_many_go)
        except WeComError as error:
            raise CommandError(f"{advice(error)}\n{error}") from None
        except TooManyGone as error:
            hint = "--dry-run lists them; --let-many-go disables them"
            raise CommandError(f"{error}: nothing was changed. Is this the right company? If so, {hint}") from None
        for line in lines:
            self.stdout.write(line)
        verb = "would change" if dry_run else "changed"
        self.stdout.write(f"{len(found.members)} people in {len(found.departments)} departments; {len(lines)} {verb}")

    def _check(self) -> None:
        """Call gettoken; if it fails, say how to fix it."""
        require_wecom()
        where = cgi_bin(settings.WECOM_API_BASE)
        self.stdout.write(f"asking {where}")
        try:
            client().fetch_access_token()
        except WeComError as error:
            raise CommandError(f"{advice(error)}\n{error}") from None
        self.stdout.write(self.style.SUCCESS("ok: corp id and secret are right"))
        self.stdout.write(f"callback address to enter in the WeCom console: {settings.BATON_URL}/wecom/callback")


def require_wecom() -> None:
    """Raise CommandError if WeCom is not set up."""
    if not settings.WECOM_ENABLED:
        names = "WECOM_CORP_ID, WECOM_AGENT_ID and WECOM_SECRET"
        raise CommandError(f"WeCom is not set up: set {names} (docs/settings.md)")


def advice(error: WeComError) -> str:
    """How to fix the error."""
    if error.errcode is None:
        return "WeCom does not answer there: check WECOM_API_BASE and the network"
    return HINTS.get(error.errcode, f"WeCom refuses with errcode {error.errcode}")


def sandbox_environment(port: str) -> dict[str, str]:
    """The current settings as environment variables of the sandbox."""
    return {
        "SANDBOX_PORT": port,
        "SANDBOX_HOME": str(settings.HOME / SANDBOX_FOLDER),
        "SANDBOX_DIRECTORY": str(settings.ROOT / "demo" / "organisation.yaml"),
        "SANDBOX_CALLBACK_URL": f"{settings.BATON_URL}/wecom/callback",
        "SANDBOX_TRUSTED_ORIGIN": settings.BATON_URL,
        "WECOM_API_BASE": settings.WECOM_API_BASE,
        "WECOM_CORP_ID": settings.WECOM_CORP_ID,
        "WECOM_AGENT_ID": str(settings.WECOM_AGENT_ID or ""),
        "WECOM_SECRET": settings.WECOM_SECRET,
        "WECOM_CONTACT_SECRET": settings.WECOM_CONTACT_SECRET or "sandbox-contact-secret",
        "WECOM_TOKEN": settings.WECOM_TOKEN,
        "WECOM_AES_KEY": settings.WECOM_AES_KEY,
    }
