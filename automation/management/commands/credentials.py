"""`manage.py credentials`."""

import re
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from automation.credentials import Unusable, hand_over
from automation.credentials.store import reseal
from automation.models import Credential
from common.sealed_box import Unopened, new_pair


class Command(BaseCommand):
    """Manages the keys that encrypt credentials."""

    help = "Create a key for credentials; encrypt all of them with a new key; check that the executor can decrypt them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the sub-commands."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        making = verbs.add_parser("new-key", help="print a new pair of keys, for the web and for the executor")
        making.add_argument("id", help="its name, such as 2027")
        verbs.add_parser("reseal", help="on the executor: encrypt with its first key everything that has another key")
        verbs.add_parser("check", help="on the executor: decrypt every credential; exit 1 if one cannot be decrypted")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:  # noqa: ARG002
        """Run the sub-command."""
        if verb == "new-key":
            self._new_key(options["id"])
            return
        if not settings.CREDENTIAL_KEYS:
            raise CommandError("BATON_CREDENTIAL_PRIVATE_KEYS is not set here: run this with the executor's settings.")
        if verb == "reseal":
            self._reseal()
        else:
            self._check()

    def _new_key(self, name: str) -> None:
        if re.fullmatch(r"[A-Za-z0-9_-]{1,32}", name) is None:
            raise CommandError("The id is 1 to 32 letters, digits, dashes and underscores.")
        public, private = new_pair(name)
        self.stdout.write("# for every process")
        self.stdout.write(f"BATON_CREDENTIAL_KEY={public}")
        self.stdout.write("# for the executor alone; in front of the keys that it has")
        self.stdout.write(f"BATON_CREDENTIAL_PRIVATE_KEYS={private}")

    def _reseal(self) -> None:
        try:
            done = reseal(datetime.now(UTC))
        except Unopened as error:
            raise CommandError(f"Nothing was changed: {error}.") from error
        first = next(iter(settings.CREDENTIAL_KEYS))
        self.stdout.write(f"{len(done)} sealed with {first}{': ' if done else ''}{', '.join(done)}")

    def _check(self) -> None:
        wrong = 0
        for name in Credential.objects.order_by("name").values_list("name", flat=True):
            try:
                hand_over([name])
                self.stdout.write(f"✓ {name}")
            except Unusable as error:
                wrong += 1
                self.stdout.write(f"✕ {error}")
        if wrong:
            sys.exit(1)
