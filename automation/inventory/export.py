"""Export the inventory to a file that imports unchanged; spreadsheets and templates run nothing in it (A28, A44)."""

import csv
import io
import json
import re
import shlex
from collections.abc import Callable, Iterable
from typing import Any

from automation.inventory.opaque import DISABLED, LABELS, VARIABLES, sealed
from automation.inventory.table import COLUMNS
from automation.models import Host
from automation.models.host import Connection
from automation.values import HIDDEN

_PLAIN = re.compile(r"[A-Za-z0-9_./:@+ -]{0,200}")
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=[^\s,;，；、={}%#\"']*")


def to_csv(hosts: Iterable[Host]) -> str:
    """A table with a byte order mark, which Excel needs to read Chinese. No cell begins with a formula character."""
    text = io.StringIO()
    write = csv.writer(text)
    write.writerow(COLUMNS)
    for host in hosts:
        values = {
            "name": host.name, "address": host.address, "connection": host.connection, "port": host.port,
            "user": host.user, "groups": " ".join(host.groups), "minion": host.minion, "site": host.site,
            "labels": _labels(host.labels), "variables": _json(host.variables) if host.variables else "",
            "disabled": "" if host.is_active else "true",
        }  # fmt: skip
        write.writerow([values[column] for column in COLUMNS])
    return "\ufeff" + text.getvalue()


def _labels(labels: dict[str, Any]) -> str:
    """`env=prod tier=web` if that can express the labels, otherwise JSON."""
    pairs = [f"{key}={value}" for key, value in labels.items()]
    is_simple = all(isinstance(value, str) for value in labels.values()) and all(map(_LABEL.fullmatch, pairs))
    return " ".join(pairs) if is_simple and not HIDDEN.search(" ".join(pairs)) else _json(labels)


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return json.dumps(value) if HIDDEN.search(text) else text


def to_ini(hosts: Iterable[Host]) -> str:
    """An Ansible inventory: every host with its connection, then the groups."""
    lines: list[str] = []
    groups: dict[str, list[str]] = {}
    for host in hosts:
        lines.append(" ".join([host.name, *(f"{name}={shlex.quote(value)}" for name, value in _variables(host))]))
        for group in host.groups:
            groups.setdefault(group, []).append(host.name)
    for group, names in sorted(groups.items()):
        lines += ["", f"[{group}]", *names]
    return "\n".join(lines) + "\n" if lines else ""


def _variables(host: Host) -> list[tuple[str, str]]:
    """The variables after a host's name. Values that are not plain text go into Baton's own, never evaluated."""
    pairs: list[tuple[str, str]] = []
    if host.address:
        pairs.append(("ansible_host", host.address))
    pairs += [("ansible_port", str(host.port)), ("ansible_user", host.user)]
    if host.connection != Connection.SSH:
        pairs.append(("ansible_connection", host.connection))
    pairs += [(name, value) for name, value in (("baton_minion", host.minion), ("baton_site", host.site)) if value]
    plain = {
        name: value for name, value in host.variables.items() if isinstance(value, str) and _PLAIN.fullmatch(value)
    }
    pairs += plain.items()
    rest = {name: value for name, value in host.variables.items() if name not in plain}
    pairs += [(name, sealed(value)) for name, value in ((VARIABLES, rest), (LABELS, host.labels)) if value]
    if not host.is_active:
        pairs.append((DISABLED, sealed(True)))
    return pairs


EXPORTS: dict[str, tuple[Callable[[Iterable[Host]], str], str]] = {
    "ini": (to_ini, "text/plain; charset=utf-8"),
    "csv": (to_csv, "text/csv; charset=utf-8"),
}
