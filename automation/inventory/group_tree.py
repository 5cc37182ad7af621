"""Nested groups, as in Ansible's inventories, and what a host inherits from them."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from automation.inventory.entry import HostEntry, whole_number
from automation.inventory.problems import MOST_HOSTS, too_many_hosts
from automation.inventory.secrets import PASSED_OVER, secret_fault
from common.errors import Problem, finding

WAYS = {
    "ansible_host": "address",
    "ansible_ssh_host": "address",
    "ansible_port": "port",
    "ansible_ssh_port": "port",
    "ansible_user": "user",
    "ansible_ssh_user": "user",
    "ansible_connection": "connection",
    "baton_minion": "minion",
    "baton_site": "site",
}
EVERYTHING = ("all", "ungrouped")
Findings = list[Problem]


@dataclass
class Group:
    """One group: its variables with the place of each, and its parent groups."""

    variables: dict[Any, Any] = field(default_factory=dict)
    paths: dict[Any, str] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)  # name → where it was defined


@dataclass
class Tree:
    """All groups of one inventory by name."""

    groups: dict[str, Group] = field(default_factory=dict)
    passed_over: set[str] = field(default_factory=set)

    def group(self, name: str) -> Group:
        """This group; it is created if it is new."""
        return self.groups.setdefault(name, Group())

    def set(self, group: str, name: Any, value: Any, path: str) -> None:
        """Set a variable of a group."""
        self.group(group).variables[name] = value
        self.group(group).paths[name] = path

    def put(self, child: str, parent: str, path: str) -> None:
        """Put one group into another."""
        self.group(parent)
        self.group(child).parents.setdefault(parent, path)

    def faults(self) -> Findings:
        """Secrets among the variables of groups, and groups that contain themselves."""
        wrong = []
        for name, group in self.groups.items():
            for key, value in group.variables.items():
                if fault := secret_fault(key, value, group.paths[key]):
                    wrong.append(fault)
            if name in self.above(group.parents):
                message = _("The group %(name)s contains itself. Remove that entry.") % {"name": name}
                wrong.append(finding(next(iter(group.parents.values())), "group_circle", message))
        return wrong

    def above(self, names: Any) -> list[str]:
        """These groups and all their parents; the outermost first, because inner variables override outer ones."""
        depths: dict[str, int] = {}
        waiting = [(name, 0) for name in names]
        while waiting:
            name, depth = waiting.pop()
            if depths.get(name, -1) < depth <= len(self.groups):
                depths[name] = depth
                waiting += [(parent, depth + 1) for parent in self.group(name).parents]
        return sorted(depths, key=lambda name: (-depths[name], name))

    def inherit(self, entry: HostEntry) -> None:
        """Give a host its parent groups, and their variables where it sets none itself."""
        outermost_first = ["all", *(name for name in self.above(entry.groups) if name != "all")]
        variables: dict[Any, Any] = {}
        for name in outermost_first:
            variables |= self.groups[name].variables if name in self.groups else {}
        entry.groups = [name for name in outermost_first if name not in EVERYTHING]
        ways, rest = split(variables, self.passed_over)
        for column, value in ways.items():
            if column not in entry.given:
                setattr(entry, column, value)
        entry.given |= frozenset(ways)
        entry.variables = rest | entry.variables


def split(variables: dict[Any, Any], passed_over: set[str]) -> tuple[dict[str, Any], dict[Any, Any]]:
    """(the variables that say how a host is reached, by column; the other variables)."""
    ways: dict[str, Any] = {}
    rest: dict[Any, Any] = {}
    for name, value in variables.items():
        if name in WAYS:
            ways[WAYS[name]] = whole_number(value) if WAYS[name] == "port" else value
        elif name in PASSED_OVER:
            passed_over.add(name)
        else:
            rest[name] = value
    return ways, rest


@dataclass
class Inventory:
    """The content of a file. odd: ignored or suspicious parts. by_minion: hosts are identified by minion id."""

    entries: list[HostEntry] = field(default_factory=list)
    tree: Tree = field(default_factory=Tree)
    odd: Findings = field(default_factory=list)
    by_minion: bool = False

    def add(self, entries: list[HostEntry]) -> None:
        """Add hosts. Raises Unreadable if there are too many, for example from a large range."""
        self.entries += entries
        if len(self.entries) > 2 * MOST_HOSTS:  # a host may be in several groups
            raise too_many_hosts()
