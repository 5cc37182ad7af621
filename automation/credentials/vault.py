"""Check a reference to HashiCorp Vault or OpenBao; automation.credentials.vault_client reads it."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from automation.credentials.kinds import FIELDS
from common.errors import Problem, finding

PLACE = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_. -]+)*")
KEYS = ("mount", "path", "fields")
TEXT_MAX = 512


def faults(kind: str, reference: Mapping[str, Any]) -> list[Problem]:
    """Findings {path, code, message} of a reference {mount, path, fields: {Baton's field: its key in the Vault}}."""
    found = [
        finding(f"vault.{key}", "unknown_key", _("Possible here: %(names)s.") % {"names": ", ".join(KEYS)})
        for key in reference
        if key not in KEYS
    ]
    for key in ("mount", "path"):
        place = reference.get(key)
        plain = isinstance(place, str) and len(place) <= TEXT_MAX and PLACE.fullmatch(place) is not None
        if not plain or any(part in (".", "..") for part in str(place).split("/")):
            text = _("Names of letters, digits, dots, dashes and underscores, with slashes between.")
            found.append(finding(f"vault.{key}", "bad_value", text))
    fields, known = reference.get("fields"), FIELDS[kind]
    if not isinstance(fields, dict) or not all(
        isinstance(at, str) and 0 < len(at) <= TEXT_MAX for at in fields.values()
    ):
        return [*found, finding("vault.fields", "bad_value", _("Field → the key that holds it in the Vault."))]
    missing = [name for name, field in known.items() if not field.is_optional and name not in fields]
    unknown = [name for name in fields if name not in known]
    if missing or unknown:
        text = _("Possible here: %(names)s.") % {"names": ", ".join(known)}
        found.append(finding("vault.fields", "unknown_key" if unknown else "required", text))
    return found
