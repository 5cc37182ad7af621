"""One host as somebody wrote it down, checked (A29, A30)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from automation.inventory.names import is_address, is_group, is_host_name, is_user
from automation.models.host import Connection
from automation.values import faults, finding, is_name, visible

GROUPS_MAX = 50
SHOWN_MAX = 60


@dataclass
class HostEntry:
    """What makes a host. path: where it was written, for findings; given: what was written of how to reach it."""

    name: Any
    address: Any = ""
    connection: Any = Connection.SSH
    port: Any = 22
    user: Any = "root"
    groups: list[Any] = field(default_factory=list)
    labels: dict[Any, Any] = field(default_factory=dict)
    variables: dict[Any, Any] = field(default_factory=dict)
    path: str = ""
    given: frozenset[str] = frozenset()

    def values(self) -> dict[str, Any]:
        """The columns of its row, but the name."""
        return {
            "address": self.address,
            "connection": self.connection,
            "port": self.port,
            "user": self.user,
            "groups": sorted(set(self.groups)),
            "labels": self.labels,
            "variables": self.variables,
        }


def findings(entry: HostEntry) -> Iterator[dict[str, str]]:
    """Everything about this host that cannot be taken."""

    def wrong(key: str, code: str, message: str) -> dict[str, str]:
        value = getattr(entry, key, None)
        if isinstance(value, (str, int)):
            message = f"{message} ({_shown(value)})"
        return finding(f"{entry.path}.{key}" if entry.path else key, code, message)

    if not is_host_name(entry.name):
        yield wrong("name", "bad_host_name", _("A host name is letters, digits, dots and dashes."))
    if entry.address and not is_address(entry.address):
        yield wrong("address", "bad_address", _("An address is a host name or an IP address."))
    if entry.connection not in Connection.values:
        yield wrong("connection", "bad_connection", _("A connection is `ssh`, or `local` for a demo."))
    if not (isinstance(entry.port, int) and 1 <= entry.port <= 65535):
        yield wrong("port", "bad_port", _("A port is a whole number from 1 to 65535."))
    if not is_user(entry.user):
        yield wrong("user", "bad_user", _("A user is a plain account name."))
    if len(entry.groups) > GROUPS_MAX or not all(map(is_group, entry.groups)):
        yield wrong("groups", "bad_group", _("A group is letters, digits, dashes and underscores."))
    for key, value in (("labels", entry.labels), ("variables", entry.variables)):
        yield from faults(value, f"{entry.path}.{key}" if entry.path else key)
        if not _is_finite(value):
            yield wrong(key, "not_json", _("A value here cannot be stored."))
    for name in entry.variables:
        if is_name(name) and name.startswith("ansible_"):
            yield wrong(f"variables.{name}", "reserved", _("Baton decides itself how hosts are reached."))


def whole_number(value: Any) -> Any:
    """Digits as the number they are; anything else as it is, for findings."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 9 else value


def _shown(value: str | int) -> str:
    text = visible(str(value))
    return (text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 1] + "…") or _("empty")


def _is_finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, (dict, list)):
        return all(map(_is_finite, value.values() if isinstance(value, dict) else value))
    return True
