"""Store, change and remove credentials; each is recorded in the trail of administration, without the secret."""

import json
import re
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import CREDENTIALS, has_permission
from accounts.trail.acts import SYSTEM, Kind, Origin, record
from automation.credentials import kinds, vault
from automation.credentials.queries import used_by
from automation.credentials.trust import about, digest, is_sound
from automation.errors import CredentialExists, CredentialInUse, CredentialsOff
from automation.models import Credential
from common.errors import finding
from common.sealed_box import PublicKey, Unopened, key_id, public_of, seal, unseal
from tickets.errors import Invalid, NotAllowed, NotFound

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@transaction.atomic
def add(
    *, actor: User, at: datetime, origin: Origin, name: str, kind: str, description: str = "",
    secret: dict[str, Any] | None = None, vault: dict[str, Any] | None = None,
) -> Credential:  # fmt: skip
    """Add a credential: encrypted fields, or their place in a Vault.

    Raises NotAllowed, Invalid, CredentialExists, CredentialsOff if there is no key for the encryption.
    """
    require_keeper(actor)
    if NAME.fullmatch(name) is None:
        text = _("1 to 64 small letters, digits, dots, dashes and underscores; a letter or digit first.")
        raise Invalid([finding("name", "bad_name", text)])
    if Credential.objects.filter(name=name).exists():
        raise CredentialExists
    row = Credential(name=name, kind=kind, description=description, created_at=at, changed_at=at, changed_by=actor)
    _fill(row, secret, vault)
    row.save(force_insert=True)
    _record(Kind.CREDENTIAL_ADDED, row, actor, origin, at=at, changed=["secret" if secret is not None else "vault"])
    return row


@transaction.atomic
def change(
    *, actor: User, at: datetime, origin: Origin, name: str, description: str | None = None,
    secret: dict[str, Any] | None = None, vault: dict[str, Any] | None = None,
) -> Credential:  # fmt: skip
    """Replace the whole secret, or change the description; name and kind stay. Raises as `add`, and NotFound."""
    row = _locked(actor, name)
    changed = []
    if description is not None and description != row.description:
        row.description = description
        changed.append("description")
    if secret is not None or vault is not None:
        _fill(row, secret, vault)
        changed.append("secret" if secret is not None else "vault")
    elif not is_sound(row):  # otherwise the new record would confirm a row that Baton did not write
        text = _("This row was not written by Baton. Enter its secret again.")
        raise Invalid([finding("secret", "not_ours", text)])
    if changed:
        row.changed_at, row.changed_by = at, actor
        row.save()
        _record(Kind.CREDENTIAL_CHANGED, row, actor, origin, at=at, changed=changed)
    return row


@transaction.atomic
def remove(*, actor: User, at: datetime, origin: Origin, name: str) -> None:
    """Remove it. Raises NotAllowed, NotFound, CredentialInUse if an action names it."""
    row = _locked(actor, name)
    users = used_by()[name]
    if users:
        raise CredentialInUse(actions=[action.key for action in users])
    _record(Kind.CREDENTIAL_REMOVED, row, actor, origin, at=at, changed=[])
    row.delete()


def reseal(at: datetime) -> list[str]:
    """Encrypt every box with this executor's first key; return the names of those that had another key.

    Raises Unopened at the first box that cannot be decrypted: then nothing is changed.
    """
    name, private = next(iter(settings.CREDENTIAL_KEYS.items()))
    key, done = public_of(name, private), []
    with transaction.atomic():
        for row in Credential.objects.select_for_update().exclude(box="").order_by("name"):
            if key_id(row.box) == name or not is_sound(row):
                continue
            try:
                contents = unseal(row.box, about(row), settings.CREDENTIAL_KEYS)
            except Unopened as error:
                raise Unopened(f"{row.name} {error}") from error
            row.box = seal(contents, about(row), key)
            row.save(update_fields=["box"])
            _record(Kind.CREDENTIAL_CHANGED, row, None, SYSTEM, at=at, changed=["key"])
            done.append(row.name)
    return done


def require_keeper(actor: User) -> None:
    """Raises NotAllowed unless the actor may manage credentials."""
    if not has_permission(actor, CREDENTIALS):
        raise NotAllowed


def _locked(actor: User, name: str) -> Credential:
    require_keeper(actor)
    row = Credential.objects.select_for_update().filter(name=name).first()
    if row is None:
        raise NotFound
    return row


def _fill(row: Credential, secret: dict[str, Any] | None, reference: dict[str, Any] | None) -> None:
    """Encrypt the fields into a box, or store the reference. Raises Invalid, CredentialsOff."""
    if (secret is None) == (reference is None):
        text = _("Give either the secret itself, or its path in a Vault.")
        raise Invalid([finding("secret", "one_source", text)])
    wrong = kinds.faults(row.kind, secret) if secret is not None else vault.faults(row.kind, reference or {})
    if wrong:
        raise Invalid(wrong)
    if secret is None:
        row.box, row.vault, row.shown = "", reference, {}
        return
    key: PublicKey | None = settings.CREDENTIAL_KEY
    if key is None:
        raise CredentialsOff
    fields = kinds.normal(row.kind, secret)
    row.box, row.vault = seal(json.dumps(fields).encode(), about(row), key), None
    row.shown = kinds.shown(row.kind, fields)


def _record(
    kind: Kind, row: Credential, actor: User | None, origin: Origin, *, at: datetime, changed: list[str]
) -> None:
    data = {
        "name": row.name, "kind": row.kind, "description": row.description, "shown": row.shown, "vault": row.vault,
        "key": key_id(row.box), "changed": changed, "digest": digest(row),
    }  # fmt: skip
    record(kind, actor=actor, origin=origin, at=at, about=row.about, data=data)
