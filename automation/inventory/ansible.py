"""Hosts from Ansible's inventories, INI and YAML."""

import shlex
from typing import Any

from django.utils.translation import gettext as _

from automation.inventory.entry import HostEntry, whole_number
from automation.inventory.problems import Unreadable, unreadable
from automation.values import finding
from config import yaml_reader

WAYS = {
    "ansible_host": "address",
    "ansible_port": "port",
    "ansible_user": "user",
    "ansible_connection": "connection",
}
LONGEST_LINE = 10_000  # splitting a line costs the square of its length


def from_variables(name: Any, variables: dict[Any, Any], groups: list[Any], path: str) -> HostEntry:
    """A host from Ansible's variables: the four that say how to reach it, and the rest."""
    rest = dict(variables)
    ways = {key: rest.pop(name_) for name_, key in WAYS.items() if name_ in rest}
    if "port" in ways:
        ways["port"] = whole_number(ways["port"])
    return HostEntry(name=name, groups=groups, variables=rest, path=path, **ways, given=frozenset(ways))


def read_ini(text: str) -> list[HostEntry]:
    """Hosts and groups of an INI inventory; sections of variables and of children are passed over."""
    entries, wrong, group = [], [], ""
    for number, raw in enumerate(text.split("\n"), start=1):
        path, line = f"line {number}", raw.strip()
        if not line or line[0] in "#;":
            continue
        if line.startswith("["):
            group = line[1:].partition("]")[0].strip()
            continue
        if ":" in group:
            continue
        try:
            name, variables = _host(line)
        except ValueError:
            wrong.append(finding(path, "unreadable", _("This line cannot be read: name key=value …")))
            continue
        entries.append(from_variables(name, variables, [group] if group else [], path))
    if wrong:
        raise Unreadable(wrong)
    return entries


def _host(line: str) -> tuple[str, dict[str, str]]:
    """Raises ValueError."""
    if len(line) > LONGEST_LINE:
        raise ValueError(len(line))
    name, *pairs = shlex.split(line, comments=True)
    return name, dict(map(_pair, pairs))


def _pair(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator:
        raise ValueError(text)
    return key, value


def read_yaml(text: str) -> list[HostEntry]:
    """Hosts and groups of a YAML inventory, children included."""
    try:
        document, repeated = yaml_reader.read(text, yaml_reader.INVENTORY)
    except yaml_reader.Unreadable as error:
        raise unreadable(error.where, error.message) from error
    if repeated:
        again = _("%(name)s stands here a second time. Keep one.")
        wrong = [finding(f"line {twice.line}", "duplicate_key", again % {"name": twice.path}) for twice in repeated]
        raise Unreadable(wrong)
    if not isinstance(document, dict):
        raise unreadable("", _("An inventory is a table of groups."))
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
