"""`manage.py org import|disable|enable`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.organisation.importing import import_organisation, read
from accounts.organisation.membership import disable, enable
from common.errors import DomainError


class Command(BaseCommand):
    """Import an organisation; disable and enable people."""

    help = "Import departments, roles and people; disable and enable people. Run each as often as you like."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Define the sub-commands."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        importing = verbs.add_parser("import", help="create and update from a YAML file; nobody is removed")
        importing.add_argument("file", type=Path)
        ending = verbs.add_parser("disable", help="end a person's log-ins at once; `wecom sync` does not undo it")
        ending.add_argument("username")
        beginning = verbs.add_parser("enable", help="let a person log in and act again")
        beginning.add_argument("username")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:  # noqa: ARG002
        """Run the sub-command."""
        try:
            said = self._import(options["file"]) if verb == "import" else self._let(verb, options["username"])
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        except DomainError as error:
            for finding in error.errors or []:
                self.stderr.write(f"{finding['path']}: {finding['message']}")
            raise CommandError(error.detail) from error
        self.stdout.write(said)

    def _import(self, file: Path) -> str:
        done = import_organisation(read(file))
        return ", ".join(f"{count} {kind}" for kind, count in done.items())

    def _let(self, verb: str, username: str) -> str:
        user = _person(username)
        if verb == "disable":
            is_new = disable(user, by=None)
            rest = "sessions have ended; tokens and proxies have no effect; open tasks are given to others (guardian)"
            return f"{user} is disabled: {rest}" if is_new else f"{user} was disabled already"
        return f"{user} is enabled" if enable(user, by=None) else f"{user} was enabled already"


def _person(username: str) -> User:
    """The user of this name. Raises CommandError, with a username that differs only in case, if there is one."""
    user = User.objects.filter(username=username).first()
    if user is None:
        near = User.objects.filter(username__iexact=username).first()
        hint = f"; there is {near}" if near else ""
        raise CommandError(f"There is no user {username}{hint}")
    return user
