"""Inventories of other systems, read as text: Ansible INI and YAML, CSV. Nothing in them is evaluated."""

import csv
import io
import shlex
from collections.abc import Callable
from typing import Any

import yaml
from django.utils.translation import gettext as _

from automation.inventory.entry import HostEntry
from automation.values import finding

WAYS = {
    "ansible_host": "address",
    "ansible_port": "port",
    "ansible_user": "user",
    "ansible_connection": "connection",
}
COLUMNS = ("name", "address", "connection", "port", "user", "groups")


class Unreadable(Exception):
    """The text cannot be read; `errors` are findings with the line as path."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        self.errors = errors
        super().__init__(errors[0]["message"])


def parse(text: str, kind: str) -> list[HostEntry]:
    """The hosts of this text; kind is ini, yaml or csv. Raises Unreadable."""
    merged: dict[Any, HostEntry] = {}
    for entry in READERS[kind](text):
        known = merged.setdefault(str(entry.name), entry)  # Ansible names a host once per group
        if known is not entry:
            _merge(known, entry)
    return list(merged.values())


def _merge(known: HostEntry, entry: HostEntry) -> None:
    blank = HostEntry("")
    for key in WAYS.values():
        if getattr(entry, key) != getattr(blank, key):
            setattr(known, key, getattr(entry, key))
    known.groups += entry.groups
    known.variables |= entry.variables


def from_variables(name: Any, variables: dict[Any, Any], groups: list[Any], path: str) -> HostEntry:
    """A host from Ansible's variables: the four that say how to reach it, and the rest."""
    rest = dict(variables)
    ways = {key: rest.pop(name_) for name_, key in WAYS.items() if name_ in rest}
    if "port" in ways:
        ways["port"] = _whole_number(ways["port"])
    return HostEntry(name=name, groups=groups, variables=rest, path=path, **ways)


def _whole_number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


def read_ini(text: str) -> list[HostEntry]:
    """Hosts and groups of an INI inventory; sections of variables and of children are passed over."""
    entries, wrong, group = [], [], ""
    for number, raw in enumerate(text.splitlines(), start=1):
        path, line = f"line {number}", raw.strip()
        if not line or line[0] in "#;":
            continue
        if line.startswith("["):
            group = line[1:].partition("]")[0].strip()
            continue
        if ":" in group:
            continue
        try:
            name, *pairs = shlex.split(line, comments=True)
            variables = dict(_pair(pair) for pair in pairs)
        except ValueError:
            wrong.append(finding(path, "unreadable", _("This line cannot be read: name key=value …")))
            continue
        entries.append(from_variables(name, variables, [group] if group else [], path))
    if wrong:
        raise Unreadable(wrong)
    return entries


def _pair(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator:
        raise ValueError(text)
    return key, value


def read_yaml(text: str) -> list[HostEntry]:
    """Hosts and groups of a YAML inventory, children included."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        path = f"line {mark.line + 1}" if mark else ""
        raise Unreadable([finding(path, "unreadable", _("This is not YAML."))]) from error
    if not isinstance(document, dict):
        raise Unreadable([finding("", "unreadable", _("An inventory is a table of groups."))])
    entries: list[HostEntry] = []
    for name, group in document.items():
        _read_group(str(name), group, [], entries)
    return entries


def _read_group(name: str, group: Any, above: list[str], entries: list[HostEntry]) -> None:
    groups = above if name in ("all", "ungrouped") else [*above, name]
    content = group if isinstance(group, dict) else {}
    hosts = content.get("hosts") or {}
    for host, variables in hosts.items() if isinstance(hosts, dict) else ():
        known = variables if isinstance(variables, dict) else {}
        entries.append(from_variables(host, known, list(groups), f"{name}.hosts.{host}"))
    children = content.get("children") or {}
    for child, inner in children.items() if isinstance(children, dict) else ():
        if len(above) < 10:
            _read_group(str(child), inner, groups, entries)


def read_csv(text: str) -> list[HostEntry]:
    """Rows with a heading: name, and any of address, connection, port, user, groups (separated by spaces)."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), restkey="")
    unknown = [column for column in rows.fieldnames or [] if column not in COLUMNS]
    if unknown or "name" not in (rows.fieldnames or []):
        message = _("The first line names the columns: %(columns)s.") % {"columns": ", ".join(COLUMNS)}
        raise Unreadable([finding("line 1", "unreadable", message)])
    entries = []
    for row in rows:
        cells = {str(key): value.strip() for key, value in row.items() if isinstance(value, str)}
        given: dict[str, Any] = {key: value for key, value in cells.items() if value}
        groups = given.pop("groups", "").split()
        port = _whole_number(given.pop("port", 22))
        name = given.pop("name", "")
        entries.append(HostEntry(name, **given, port=port, groups=groups, path=f"line {rows.line_num}"))
    return entries


READERS: dict[str, Callable[[str], list[HostEntry]]] = {"ini": read_ini, "yaml": read_yaml, "csv": read_csv}


def guess(text: str, name: str = "") -> str:
    """The kind of an inventory, from its file name or else its looks."""
    suffix = name.rpartition(".")[2].lower()
    if suffix in ("yaml", "yml", "json"):
        return "yaml"
    if suffix in ("ini", "csv"):
        return suffix
    first = next((line.strip() for line in text.splitlines() if line.strip() and line[0] not in "#;"), "")
    if first.endswith(":") or first.startswith(("---", "{")):
        return "yaml"
    return "csv" if "," in first and "name" in first.split(",") else "ini"
