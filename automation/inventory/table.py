"""Hosts from a table: CSV from Excel, WPS or scripts, and the rows of a workbook."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from automation.inventory.entry import HostEntry, whole_number
from automation.inventory.group_tree import Inventory
from automation.inventory.plain import is_bounded
from automation.inventory.problems import unreadable

COLUMNS = (
    "name", "address", "connection", "port", "user", "groups", "minion", "site", "labels", "variables", "disabled",
)  # fmt: skip
ALSO = {
    "name": ("主机名", "主机名称", "主机", "名称", "hostname"),
    "address": ("地址", "主机地址", "ip地址", "ip", "ip address"),
    "connection": ("连接方式", "连接"),
    "port": ("端口", "端口号", "ssh端口", "ssh port"),
    "user": ("用户", "用户名", "登录用户", "账号", "账户"),
    "groups": ("分组", "主机分组", "主机组", "组", "group"),
    "minion": ("minion id", "minion_id"),
    "site": ("站点", "机房"),
    "labels": ("标签", "label"),
    "variables": ("变量", "vars"),
    "disabled": ("停用", "已停用", "禁用"),
}
TITLES = {title: column for column, titles in ALSO.items() for title in titles} | {title: title for title in COLUMNS}
FLAGS = {"true": True, "yes": True, "1": True, "是": True, "false": False, "no": False, "0": False, "否": False}
SEPARATORS = (",", ";", "\t", "，", "；")  # Excel uses the second if the comma is the decimal sign
_BETWEEN = re.compile(r"[\s,;，；、]+")
_SEP_LINE = re.compile(r"\s*\"?sep=(.)\"?[,;\t]*\Z", re.IGNORECASE)
Row = tuple[str, list[str]]  # where it begins, its cells


def title_of(cell: str) -> str:
    """The column that a heading names, in English or Chinese; an unknown heading in small letters."""
    word = " ".join(cell.strip().strip('"').lower().split())
    return TITLES.get(word, word)


def separator_of(line: str) -> str | None:
    """The separator of a heading line with column names; None if the line is not one."""
    for separator in SEPARATORS:
        titles = [title_of(cell) for cell in line.split(separator)]
        if "name" in titles and (separator in line or len(titles) == 1):
            return separator
    return None


def read_csv(text: str) -> Inventory:
    """Rows with a heading: name, and any other of COLUMNS; groups and labels are separated by spaces."""
    lines = text.split("\n")
    filled = (number for number, line in enumerate(lines) if line.strip(" ,;\t") and not _SEP_LINE.match(line))
    first = next(filled, 0)
    cells = csv.reader(lines[first:], delimiter=separator_of(lines[first]) or ",", strict=True)
    return read_rows(_numbered(cells, first))


def read_rows(rows: Iterator[Row]) -> Inventory:
    """The hosts of a table whose first row names the columns."""
    path, heading = next(rows)
    titles = [title_of(cell) for cell in heading]
    _check_titles(titles, path)
    return Inventory(list(_entries(rows, titles)))


def _numbered(cells: Any, before: int) -> Iterator[Row]:
    """Each row with the line on which it begins. Raises Unreadable."""
    while True:
        path = f"line {before + cells.line_num + 1}"
        try:
            row = next(cells)
        except StopIteration:
            return
        except csv.Error as error:
            message = _("This row cannot be read: %(problem)s. Check its quotes.") % {"problem": error}
            raise unreadable(path, message) from error
        yield path, [cell.strip() for cell in row]


def _check_titles(titles: list[str], path: str) -> None:
    named = [title for title in titles if title]
    foreign = [title for title in named if title not in COLUMNS]
    if foreign and "name" in named:
        message = _("The first line names the columns, each once: %(columns)s. There is none called %(column)s.")
        raise unreadable(path, message % {"column": foreign[0][:100], "columns": ", ".join(COLUMNS)})
    if "name" not in named or len(set(named)) != len(named):
        message = _("The first line names the columns, each once: %(columns)s.") % {"columns": ", ".join(COLUMNS)}
        raise unreadable(path, message)


def _entries(rows: Iterable[Row], titles: list[str]) -> Iterator[HostEntry]:
    """One entry per row; blank rows, which Excel leaves at the end, are skipped."""
    columns = frozenset(title for title in titles if title) - {"name", "disabled"}
    for path, cells in rows:
        if not any(cells):
            continue
        if any(cells[len(titles) :]) or any(cell for title, cell in zip(titles, cells, strict=False) if not title):
            message = _("This row has more cells than the first line names columns. Put quotes around commas.")
            raise unreadable(path, message)
        given: dict[str, Any] = {title: cell for title, cell in zip(titles, cells, strict=False) if cell}
        name = given.pop("name", "")
        for column, reads in READ.items():
            if column in given:
                given[column] = reads(given[column])
        yield HostEntry(name, **given, path=path, given=frozenset(given) - PARTS, columns=columns)


def _labels(cell: str) -> Any:
    """`env=prod tier=web`, or JSON; a single word is a label without a value."""
    if cell.startswith("{"):
        return _json(cell)
    pairs = (word.partition("=") for word in _BETWEEN.split(cell) if word)
    return {key: value for key, _sign, value in pairs}


def _json(cell: str) -> Any:
    """The value of a JSON cell; invalid JSON is returned unchanged, for findings."""
    try:
        value = json.loads(cell)
    except (ValueError, RecursionError):
        return cell
    return value if is_bounded(value) else cell


READ = {
    "port": whole_number,
    "groups": lambda cell: [group for group in _BETWEEN.split(cell) if group],
    "labels": _labels,
    "variables": _json,
    "disabled": lambda cell: FLAGS.get(cell.lower(), cell),
}
PARTS = frozenset({"groups", "labels", "variables", "disabled"})
