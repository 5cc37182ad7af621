"""The kinds of credentials: the fields of each, and the checks that refuse invalid values."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from automation.credentials import ssh_key
from automation.models.credential import Kind
from common.errors import Problem, finding

SECRET_MIN, SECRET_MAX, NAME_MAX = 6, 16_000, 200
EAUTH = frozenset({"pam", "ldap", "sharedsecret", "auto", "file", "rest", "keystone", "django", "yubico"})


@dataclass(frozen=True)
class Field:
    """One field of a kind. is_open: it may be shown again."""

    is_open: bool = False
    is_optional: bool = False


FIELDS: dict[str, dict[str, Field]] = {
    Kind.SSH_KEY: {"private_key": Field(), "passphrase": Field(is_optional=True)},
    Kind.PASSWORD: {"username": Field(is_open=True), "password": Field()},
    Kind.VAULT_PASSWORD: {"password": Field()},
    Kind.SALT_API: {"username": Field(is_open=True), "password": Field(), "eauth": Field(is_open=True)},
    Kind.TOKEN: {"token": Field()},
}

OPEN = frozenset(name for fields in FIELDS.values() for name, field in fields.items() if field.is_open)


def faults(kind: str, fields: Mapping[str, object], where: str = "secret") -> list[Problem]:
    """Findings {path, code, message} of fields that are invalid for this kind; no message shows a value."""
    known = FIELDS[kind]
    found = [
        finding(f"{where}.{name}", "unknown_key", _("Possible here: %(names)s.") % {"names": ", ".join(known)})
        for name in fields
        if name not in known
    ]
    for name, field in known.items():
        value = fields.get(name)
        if value is None:
            if not field.is_optional:
                found.append(finding(f"{where}.{name}", "required", _("This value is required.")))
        elif message := _fault(name, field, value):
            found.append(finding(f"{where}.{name}", "bad_value", message))
    if not found and kind == Kind.SSH_KEY and (message := _key_fault(fields)):
        found.append(finding(f"{where}.private_key", "bad_key", message))
    return found


def _fault(name: str, field: Field, value: object) -> str:
    if not isinstance(value, str):
        return _("This must be text.")
    if field.is_open:
        plain = value.isprintable() and 0 < len(value) <= NAME_MAX and value == value.strip()
        if name == "eauth" and value not in EAUTH:
            return _("Possible here: %(names)s.") % {"names": ", ".join(sorted(EAUTH))}
        return "" if plain else _("One line, without blanks at its ends.")
    if len(value) < SECRET_MIN:  # shorter texts occur everywhere by chance: they cannot be masked
        return _("At least %(least)s characters: a shorter one could not be masked in logs.") % {"least": SECRET_MIN}
    if len(value) > SECRET_MAX:
        return _("At most %(most)s characters.") % {"most": SECRET_MAX}
    if name != "private_key" and ("\n" in value or "\r" in value or "\x00" in value):
        return _("A secret is one line; this one holds a line break.")
    return ""


def _key_fault(fields: Mapping[str, object]) -> str:
    said = {
        "no_passphrase": _("This key has no passphrase. Leave it out."),
        "passphrase": _("This key has a passphrase. Give it as well."),
        "no_key": _("This is not a private key in OpenSSH or PEM format, or its passphrase is wrong."),
    }
    try:
        ssh_key.fingerprint(str(fields["private_key"]), str(fields.get("passphrase") or ""))
    except ssh_key.NoKey as error:
        return said[error.code]
    return ""


def normal(kind: str, fields: Mapping[str, str]) -> dict[str, str]:
    """The fields as they are stored and handed over."""
    kept = {name: fields[name] for name in FIELDS[kind] if fields.get(name) is not None}
    if kind == Kind.SSH_KEY:
        kept["private_key"] = ssh_key.normal(kept["private_key"])
    return kept


def shown(kind: str, fields: Mapping[str, str]) -> dict[str, str]:
    """The parts of these valid fields that may be shown again."""
    seen = {name: fields[name] for name, field in FIELDS[kind].items() if field.is_open}
    if kind == Kind.SSH_KEY:
        seen["fingerprint"] = ssh_key.fingerprint(fields["private_key"], fields.get("passphrase", ""))
    return seen
