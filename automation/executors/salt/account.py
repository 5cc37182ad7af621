"""Address and log-in of salt-api: from the settings, or from a credential that the action names."""

from collections.abc import Mapping

from django.conf import settings

from automation.executors.salt.api_connection import Account

NAME = "salt_api"
FIELDS = {"username", "password", "eauth"}


class NotSet(Exception):
    """A setting is missing; the message says what to do."""


def account_of(credentials: Mapping[str, Mapping[str, str]]) -> Account:
    """The address always comes from the settings; the log-in comes from a credential if there is one. Raises NotSet."""
    if not settings.SALT_API_URL:
        raise NotSet("SALT_API_URL is not set: Baton knows no salt-api (docs/operation.md, Salt).")
    found = _credential(credentials) or {
        "username": settings.SALT_API_USERNAME,
        "password": settings.SALT_API_PASSWORD,
        "eauth": settings.SALT_API_EAUTH,
    }
    for name in sorted(FIELDS):
        if not found.get(name):
            raise NotSet(f"SALT_API_{name.upper()} is not set, and the action names no credential of salt-api.")
    return Account(settings.SALT_API_URL, found["username"], found["password"], found["eauth"], settings.SALT_API_CA)


def _credential(credentials: Mapping[str, Mapping[str, str]]) -> Mapping[str, str] | None:
    """The credential named salt_api, otherwise the only one with these fields."""
    if NAME in credentials:
        return credentials[NAME]
    fitting = [fields for fields in credentials.values() if set(fields) >= FIELDS]
    return fitting[0] if len(fitting) == 1 else None
