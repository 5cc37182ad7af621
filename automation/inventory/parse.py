"""Inventories of other systems, read as text: Ansible INI and YAML, CSV. Nothing in them is evaluated."""

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from automation.inventory.ansible import WAYS, read_ini, read_yaml
from automation.inventory.entry import HostEntry
from automation.inventory.problems import Unreadable, unreadable
from automation.inventory.table import read_csv, separator_of
from automation.values import finding

MOST_HOSTS = 20_000
READERS: dict[str, Callable[[str], list[HostEntry]]] = {"ini": read_ini, "yaml": read_yaml, "csv": read_csv}


def parse(text: str, kind: str) -> list[HostEntry]:
    """The hosts of this text; kind is ini, yaml or csv. Raises Unreadable."""
    entries = READERS[kind](_plain(text))
    merged: dict[Any, HostEntry] = {}
    wrong = [problem for entry in entries for problem in _take(entry, merged)]
    if wrong:
        raise Unreadable(wrong)
    if len(merged) > MOST_HOSTS:
        raise unreadable("", _("%(limit)s hosts at most in one file. Split it.") % {"limit": MOST_HOSTS})
    return list(merged.values())


def _plain(text: str) -> str:
    """Without a byte order mark, and with one kind of line end."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _take(entry: HostEntry, merged: dict[Any, HostEntry]) -> Iterator[dict[str, str]]:
    """Ansible names a host once per group: groups and variables add up; two ways to reach it are one too many."""
    known = merged.setdefault(str(entry.name), entry)
    if known is entry:
        return
    for key in WAYS.values():
        if key not in entry.given:
            continue
        first, second = getattr(known, key), getattr(entry, key)
        if key in known.given and first != second:
            message = _("%(name)s has %(second)s here and %(first)s at %(where)s. Keep one.")
            values = {"name": entry.name, "first": first, "second": second, "where": known.path}
            yield finding(f"{entry.path}.{key}", "two_ways", message % values)
        setattr(known, key, second)
    known.given |= entry.given
    known.groups += entry.groups
    known.variables |= entry.variables


def guess(text: str, name: str = "") -> str:
    """The kind of an inventory, from its file name or else its looks."""
    suffix = name.rpartition(".")[2].lower()
    if suffix in ("yaml", "yml", "json"):
        return "yaml"
    if suffix in ("ini", "csv"):
        return suffix
    lines = (line.strip("\ufeff \t\r") for line in text[:10_000].splitlines())
    first = next((line for line in lines if line.strip(",;") and line[0] not in "#;"), "")
    if first.endswith(":") or first.startswith(("---", "{")):
        return "yaml"
    return "csv" if separator_of(first) or first.lower().startswith("sep=") else "ini"
