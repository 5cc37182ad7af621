"""A key pair for credentials, and a helper to store one."""

from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.trail.acts import Origin
from automation.credentials import store
from automation.models import Credential
from common.sealed_box import new_pair, read_private, read_public

PUBLIC, PRIVATE = new_pair("k1")
PASSWORD = {"username": "deploy", "password": "corr3ct-horse"}


def use_keys(settings) -> None:
    """Set both halves in this process."""
    settings.CREDENTIAL_KEY, settings.CREDENTIAL_KEYS = read_public(PUBLIC), read_private([PRIVATE])


def keep(actor: User, name: str, kind: str = "password", **source: Any) -> Credential:
    """Store a credential, from a `secret` or a `vault` reference."""
    given = source or {"secret": PASSWORD}
    return store.add(actor=actor, at=timezone.now(), origin=Origin("web"), name=name, kind=kind, **given)
