"""Read inventories of other systems, as text or workbook. Nothing in them is evaluated or run."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from automation.inventory.ansible import read_ini, read_script, read_yaml
from automation.inventory.decoding import decode, is_workbook
from automation.inventory.entry import HostEntry
from automation.inventory.group_tree import WAYS, Inventory
from automation.inventory.plain import documents
from automation.inventory.problems import MOST_HOSTS, Unreadable, too_many_hosts, unreadable
from automation.inventory.salt import ANSWERS, read_salt
from automation.inventory.table import read_csv, separator_of
from automation.inventory.workbook import LARGEST, read_workbook
from common.errors import Problem, finding

READERS: dict[str, Callable[[str], Inventory]] = {
    "ini": read_ini,
    "yaml": read_yaml,
    "script": read_script,
    "salt": read_salt,
    "csv": read_csv,
}
WORKBOOK = "xlsx"
FORMATS = (*READERS, WORKBOOK)


def parse(text: str, kind: str) -> Inventory:
    """The hosts of this text; kind is a key of READERS. Raises Unreadable."""
    return _joined(READERS[kind](_plain(text)))


def parse_bytes(raw: bytes, kind: str | None, name: str = "") -> Inventory:
    """The hosts of a file's bytes; if kind is None, it is guessed from file name or content. Raises Unreadable."""
    if is_workbook(raw):
        if kind not in (None, WORKBOOK):
            raise unreadable("", _("This is an Excel workbook, not %(kind)s.") % {"kind": kind})
        return _joined(read_workbook(raw))
    if kind == WORKBOOK:
        raise unreadable("", _("This is not an Excel workbook (.xlsx)."))
    text = decode(raw)
    return parse(text, kind or guess(text, name))


def read_path(path: Path, kind: str | None) -> Inventory:
    """The hosts of a local file. Raises Unreadable, OSError."""
    with path.open("rb") as file:
        return parse_bytes(file.read(LARGEST + 1), kind, path.name)


def _plain(text: str) -> str:
    """Remove the byte order mark, and use one kind of line end."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _joined(found: Inventory) -> Inventory:
    """Each host once, with what it inherits. Raises Unreadable."""
    merged: dict[Any, HostEntry] = {}
    wrong = [*found.tree.faults(), *(problem for entry in found.entries for problem in _take(entry, merged))]
    if wrong:
        raise Unreadable(wrong)
    if len(merged) > MOST_HOSTS:
        raise too_many_hosts()
    found.entries = list(merged.values())
    if found.tree.groups:
        for entry in found.entries:
            found.tree.inherit(entry)
    for name in sorted(found.tree.passed_over):
        message = _("%(name)s is ignored: Baton decides itself how hosts are reached.") % {"name": name}
        found.odd.append(finding(name, "passed_over", message))
    return found


def _take(entry: HostEntry, merged: dict[Any, HostEntry]) -> Iterator[Problem]:
    """Merge the entries of one host: groups and variables add up; two different ways to reach it are an error."""
    known = merged.setdefault(str(entry.name), entry)
    if known is entry:
        return
    for key in dict.fromkeys(WAYS.values()):
        if key not in entry.given:
            continue
        first, second = getattr(known, key), getattr(entry, key)
        if key in known.given and first != second:
            message = _("%(name)s has %(second)s here and %(first)s at %(where)s. Keep one.")
            values = {"name": entry.name, "first": first, "second": second, "where": known.path}
            yield finding(f"{entry.path}.{key}", "two_ways", message % values)
        setattr(known, key, second)
    known.given |= entry.given
    known.columns |= entry.columns
    known.groups += entry.groups
    for table in ("labels", "variables"):
        first, second = getattr(known, table), getattr(entry, table)
        setattr(known, table, first | second if isinstance(first, dict) and isinstance(second, dict) else second)
    known.disabled = entry.disabled if known.disabled is None else known.disabled


def guess(text: str, name: str = "") -> str:
    """The kind of an inventory, from its file name or otherwise from its content."""
    suffix = name.rpartition(".")[2].lower()
    if suffix in ("yaml", "yml"):
        return "yaml"
    if suffix in ("ini", "csv"):
        return suffix
    lines = (line.strip("\ufeff \t\r") for line in text[:10_000].splitlines())
    first = next((line for line in lines if line.strip(",;") and line[0] not in "#;"), "")
    if first.startswith(("{", '["')) or first == "[" or (first.startswith("[") and suffix == "json"):
        return _kind_of_json(text)
    if first.endswith(":") or first.startswith("---"):
        return "yaml"
    return "csv" if separator_of(first) or first.lower().startswith("sep=") else "ini"


def _kind_of_json(text: str) -> str:
    """A dynamic inventory, Salt's output, or an Ansible inventory in YAML (JSON is a part of YAML)."""
    try:
        first, *more = documents(_plain(text))
    except Unreadable:
        return "yaml"
    if more or not isinstance(first, dict) or any(first.keys() <= keys for keys in ANSWERS):
        return "salt"
    if "_meta" in first or any(isinstance(group, list) for group in first.values()):
        return "script"
    tables = [group for group in first.values() if isinstance(group, dict)]
    if any(isinstance(group.get("hosts"), list) or isinstance(group.get("children"), list) for group in tables):
        return "script"
    if any("hosts" in group or "children" in group or "vars" in group for group in tables):
        return "yaml"
    return "salt"
