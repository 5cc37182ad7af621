"""Hand credentials over, right before a run, in the executor's process only (B6)."""

import json
from collections.abc import Iterable, Mapping

from django.conf import settings

from automation.credentials import kinds, vault_client
from automation.credentials.masking import forms
from automation.credentials.trust import about, is_sound
from automation.models import Credential
from common.sealed_box import Unopened, unseal


class Unusable(Exception):
    """A credential that an action names cannot be handed over: the message says which and why, without its content."""


def hand_over(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """{name: its fields} of these credentials. Raises Unusable."""
    wanted = list(names)
    rows = {row.name: row for row in Credential.objects.filter(name__in=wanted)}
    return {name: _fields(name, rows.get(name)) for name in wanted}


def secrets_in(credentials: Mapping[str, Mapping[str, str]]) -> set[str]:
    """All secret texts of these credentials, in every form in which a run may print them, for masking."""
    return {
        form
        for fields in credentials.values()
        for name, value in fields.items()
        if name not in kinds.OPEN
        for form in forms(value, fields.get("username", ""))
    }


def _opened(row: Credential) -> dict[str, str]:
    return dict(json.loads(unseal(row.box, about(row), settings.CREDENTIAL_KEYS)))


def _fields(name: str, row: Credential | None) -> dict[str, str]:
    if row is None:
        raise Unusable(f"The credential {name} does not exist.")
    if not is_sound(row):
        raise Unusable(f"The credential {name} is not what was stored: somebody else wrote to the database.")
    try:
        found = vault_client.read(row.vault) if row.vault else _opened(row)
    except Unopened as error:
        raise Unusable(f"The credential {name} {error}.") from error
    except vault_client.Unavailable as error:
        raise Unusable(f"The credential {name}: {error}") from error
    wrong = kinds.faults(row.kind, found)
    if wrong:
        raise Unusable(f"The credential {name}: {wrong[0]['path'].partition('.')[2]}: {wrong[0]['message']}")
    return kinds.normal(row.kind, found)
