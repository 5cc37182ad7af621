"""One host as it was written in a file or form, with its checks (A29, A30)."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automation.inventory.names import is_address, is_group, is_host_name, is_minion, is_site, is_user
from automation.inventory.secrets import secret_fault
from automation.models.host import Connection
from automation.values import faults, is_name, visible
from common.errors import Problem, finding

GROUPS_MAX = 50
SHOWN_MAX = 60


def _is_port(port: object) -> bool:
    return isinstance(port, int) and not isinstance(port, bool) and 1 <= port <= 65535


# column, its check, and the code and message if the check fails
COLUMNS: tuple[tuple[str, Callable[[Any], bool], str, Any], ...] = (
    ("name", is_host_name, "bad_host_name", gettext_lazy("A host name is letters, digits, dots and dashes.")),
    ("address", lambda text: text == "" or is_address(text), "bad_address",
     gettext_lazy("An address is a host name or an IP address.")),
    ("connection", lambda text: text in Connection.values, "bad_connection",
     gettext_lazy("A connection is `ssh`, `salt`, or `local` for a demo.")),
    ("port", _is_port, "bad_port", gettext_lazy("A port is a whole number from 1 to 65535.")),
    ("user", is_user, "bad_user", gettext_lazy("A user is a plain account name.")),
    ("minion", is_minion, "bad_minion", gettext_lazy("A minion id is letters, digits, dots, dashes and underscores.")),
    ("site", is_site, "bad_site", gettext_lazy("A site is small letters, digits and dashes.")),
)  # fmt: skip


@dataclass
class HostEntry:
    """The data of a host. path: where it was written, for findings; given: the connection columns that were written.

    columns: the other columns in the file, empty or not; all further ones stay unchanged if the host is already known.
    disabled: true or false if the file says so. facts: what its minion reported about itself.
    """

    name: Any
    address: Any = ""
    connection: Any = Connection.SSH
    port: Any = 22
    user: Any = "root"
    minion: Any = ""
    site: Any = ""
    groups: list[Any] = field(default_factory=list)
    labels: dict[Any, Any] = field(default_factory=dict)
    variables: dict[Any, Any] = field(default_factory=dict)
    path: str = ""
    given: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()
    disabled: Any = None
    facts: dict[str, str] | None = None

    def values(self) -> dict[str, Any]:
        """The columns of its row, except the name."""
        return {
            "address": self.address,
            "connection": self.connection,
            "port": self.port,
            "user": self.user,
            "minion": self.minion,
            "site": self.site,
            "groups": sorted(set(self.groups)),
            "labels": self.labels,
            "variables": self.variables,
        }


def findings(entry: HostEntry) -> Iterator[Problem]:
    """Everything about this host that cannot be accepted."""

    def wrong(key: str, code: str, message: Any) -> Problem:
        value = getattr(entry, key, None)
        if isinstance(value, (str, int)):
            message = f"{message} ({_shown(value)})"
        return finding(f"{entry.path}.{key}" if entry.path else key, code, str(message))

    for key, is_right, code, message in COLUMNS:
        if not is_right(getattr(entry, key)):
            yield wrong(key, code, message)
    if entry.connection == Connection.SALT and not entry.minion:
        yield wrong("minion", "no_minion", _("A host that is reached by Salt needs its minion id."))
    if len(entry.groups) > GROUPS_MAX or not all(map(is_group, entry.groups)):
        yield wrong("groups", "bad_group", _("A group is letters, digits, dashes and underscores."))
    for key, value in (("labels", entry.labels), ("variables", entry.variables)):
        if not isinstance(value, dict):
            yield wrong(key, "not_a_table", _("This is a table of names and values."))
            return
        yield from faults(value, f"{entry.path}.{key}" if entry.path else key)
        if not _is_finite(value):
            yield wrong(key, "not_json", _("A value here cannot be stored."))
    if entry.disabled not in (None, True, False):
        yield wrong("disabled", "bad_flag", _("Disabled is true or false."))
    for name, value in entry.variables.items():
        path = f"{entry.path}.variables.{name}" if entry.path else f"variables.{name}"
        if fault := secret_fault(name, value, path):
            yield fault
        elif is_name(name) and name.startswith("ansible_"):
            yield wrong(f"variables.{name}", "reserved", _("Baton decides itself how hosts are reached."))


def whole_number(value: Any) -> Any:
    """Digits as a number; anything else unchanged, for findings."""
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
