"""Hosts from Ansible's inventories: INI, YAML, and the output of a dynamic inventory's `--list`."""

import shlex
from typing import Any

from django.utils.translation import gettext as _

from automation.inventory.entry import HostEntry
from automation.inventory.group_tree import EVERYTHING, Inventory, Tree, split
from automation.inventory.opaque import opened
from automation.inventory.plain import documents
from automation.inventory.problems import Unreadable, unreadable
from automation.inventory.ranges import expand
from common import yaml_reader
from common.errors import finding

LONGEST_LINE = 10_000  # the cost of splitting a line grows with the square of its length
DEEPEST = 10
STRUCTURE = frozenset({"groups", "variables"})  # what every such inventory contains


def mention(name: Any, variables: dict[Any, Any], groups: list[Any], path: str, tree: Tree) -> HostEntry:
    """A host entry from one place in an inventory."""
    own, labels, disabled = opened(variables)
    ways, rest = split(own, tree.passed_over)
    more: dict[str, Any] = {} if labels is None else {"labels": labels}
    if disabled is not None:
        more["disabled"] = disabled
    return HostEntry(
        name=name, groups=groups, variables=rest, path=path, **ways, **more,
        given=frozenset(ways), columns=STRUCTURE | frozenset(more),
    )  # fmt: skip


def read_ini(text: str) -> Inventory:
    """The hosts, groups, children and variables of an INI inventory."""
    found, wrong, group, part = Inventory(), [], "", ""
    for number, raw in enumerate(text.split("\n"), start=1):
        path, line = f"line {number}", raw.strip()
        if not line or line[0] in "#;":
            continue
        if line.startswith("["):
            group, _colon, part = line[1:].partition("]")[0].strip().partition(":")
            if part not in ("", "children", "vars"):
                wrong.append(finding(path, "unreadable", _("A section is [group], [group:children] or [group:vars].")))
            continue
        try:
            _ini_line(found, line, group, part, path)
        except ValueError:
            wrong.append(finding(path, "unreadable", _("This line cannot be read: name key=value …")))
    if wrong:
        raise Unreadable(wrong)
    return found


def _ini_line(found: Inventory, line: str, group: str, part: str, path: str) -> None:
    """Raises ValueError."""
    if len(line) > LONGEST_LINE:
        raise ValueError(len(line))
    if part == "children":
        [child] = shlex.split(line, comments=True)
        found.tree.put(child, group, path)
        return
    if part == "vars":
        name, value = _pair(line)
        words = shlex.split(value, comments=True)
        found.tree.set(group, name.strip(), " ".join(words), path)
        return
    pattern, *pairs = shlex.split(line, comments=True)
    variables = dict(map(_pair, pairs))
    names, port = _names(pattern)
    if port and "ansible_port" not in variables:
        variables["ansible_port"] = port
    groups = [group] if group and group not in EVERYTHING else []
    found.add([mention(name, variables, list(groups), path, found.tree) for name in names])


def _names(pattern: str) -> tuple[list[str], str]:
    """(every host of a pattern, the port after it or ""). Raises ValueError."""
    name, colon, port = pattern.rpartition(":")
    if colon and port.isascii() and port.isdigit() and "[" not in port and name.count("[") == name.count("]"):
        return expand(name), port
    return expand(pattern), ""


def _pair(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator:
        raise ValueError(text)
    return key, value


def read_yaml(text: str) -> Inventory:
    """The hosts, groups, children and variables of a YAML inventory."""
    try:
        document, repeated = yaml_reader.read(text, yaml_reader.INVENTORY)
    except yaml_reader.Unreadable as error:
        message = error.message
        if error.details.get("feature") == "tags" and "!vault" in text:
            message = _("A vaulted value stands here. Keep secrets under credentials, and take it out.")
        raise unreadable(error.where, message) from error
    if repeated:
        again = _("%(name)s appears here twice. Keep one.")
        wrong = [finding(f"line {twice.line}", "duplicate_key", again % {"name": twice.path}) for twice in repeated]
        raise Unreadable(wrong)
    if not isinstance(document, dict):
        raise unreadable("", _("An inventory is a table of groups."))
    found = Inventory()
    for name, group in document.items():
        _read_group(found, str(name), group, 0)
    return found


def _read_group(found: Inventory, name: str, group: Any, depth: int) -> None:
    content = _table(group, name)
    if depth > DEEPEST:
        raise unreadable(name, _("Groups stand in groups at most %(limit)s deep.") % {"limit": DEEPEST})
    found.tree.group(name)
    for key, value in _table(content.get("vars"), f"{name}.vars").items():
        found.tree.set(name, key, value, f"{name}.vars.{key}")
    for pattern, variables in _table(content.get("hosts"), f"{name}.hosts").items():
        path = f"{name}.hosts.{pattern}"
        try:
            names = expand(pattern) if isinstance(pattern, str) else [pattern]
        except ValueError as error:
            raise unreadable(path, _("This range of hosts cannot be read.")) from error
        own = _table(variables, path)
        groups = [] if name in EVERYTHING else [name]
        found.add([mention(host, own, list(groups), path, found.tree) for host in names])
    for child, inner in _table(content.get("children"), f"{name}.children").items():
        if name not in EVERYTHING:
            found.tree.put(str(child), name, f"{name}.children.{child}")
        _read_group(found, str(child), inner, depth + 1)


def _table(value: Any, path: str) -> dict[Any, Any]:
    """Return a table, {} for None. Raises Unreadable for anything else."""
    if value is None or isinstance(value, dict):
        return value or {}
    raise unreadable(path, _("This is a table of names, each with a colon behind it."))


def read_script(text: str) -> Inventory:
    """The output of a dynamic inventory's `--list`. It is read, never run."""
    [document, *more] = documents(text)
    if more or not isinstance(document, dict):
        raise unreadable("", _("A dynamic inventory is one JSON object of groups."))
    found = Inventory()
    known = _table(_table(document.pop("_meta", None), "_meta").get("hostvars"), "_meta.hostvars")
    for name, group in document.items():
        content = {"hosts": group} if isinstance(group, list) else _table(group, name)
        found.tree.group(name)
        for key, value in _table(content.get("vars"), f"{name}.vars").items():
            found.tree.set(name, key, value, f"{name}.vars.{key}")
        for child in _list(content.get("children"), f"{name}.children"):
            if name not in EVERYTHING:
                found.tree.put(child, name, f"{name}.children")
        for host in _list(content.get("hosts"), f"{name}.hosts"):
            path, own = f"{name}.hosts.{host}", _table(known.get(host), f"_meta.hostvars.{host}")
            groups = [] if name in EVERYTHING else [name]
            found.add([mention(host, own, groups, path, found.tree)])
    return found


def _list(value: Any, path: str) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return value
    raise unreadable(path, _("This is a list of names."))
