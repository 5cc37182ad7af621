"""Hosts from a table: CSV as Excel, WPS and scripts write it."""

import csv
import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from automation.inventory.entry import HostEntry, whole_number
from automation.inventory.problems import unreadable

COLUMNS = ("name", "address", "connection", "port", "user", "groups")
SEPARATORS = (",", ";", "\t")  # Excel takes the second where the comma is the decimal sign, the third for Unicode text
_BETWEEN_GROUPS = re.compile(r"[\s,;，；、]+")
_SEP_LINE = re.compile(r"\s*\"?sep=(.)\"?[,;\t]*\Z", re.IGNORECASE)


def separator_of(line: str) -> str | None:
    """What separates the cells of a heading that names the columns; None where this is none."""
    for separator in SEPARATORS:
        if "name" in _titles(line.split(separator)) and (separator in line or line.strip().lower() == "name"):
            return separator
    return None


def _titles(cells: list[str]) -> list[str]:
    return [cell.strip().strip('"').lower() for cell in cells]


def read_csv(text: str) -> list[HostEntry]:
    """Rows with a heading: name, and any of address, connection, port, user, groups (separated by spaces)."""
    lines = text.split("\n")
    filled = (number for number, line in enumerate(lines) if line.strip(" ,;\t") and not _SEP_LINE.match(line))
    first = next(filled, 0)
    cells = csv.reader(lines[first:], delimiter=separator_of(lines[first]) or ",", strict=True)
    rows = _numbered(cells, first)
    path, heading = next(rows)
    titles = _titles(heading)
    _check_titles(titles, path)
    return list(_entries(rows, titles))


def _numbered(cells: Any, before: int) -> Iterator[tuple[str, list[str]]]:
    """Each row with the line that it begins on. Raises Unreadable."""
    while True:
        path = f"line {before + cells.line_num + 1}"
        try:
            row = next(cells)
        except StopIteration:
            return
        except csv.Error as error:
            message = _("This row cannot be read: %(problem)s. Look at its quotes.") % {"problem": error}
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


def _entries(rows: Iterator[tuple[str, list[str]]], titles: list[str]) -> Iterator[HostEntry]:
    """One entry a row; blank rows, which Excel leaves at the end, are none."""
    for path, cells in rows:
        if not any(cells):
            continue
        if any(cells[len(titles) :]) or any(cell for title, cell in zip(titles, cells, strict=False) if not title):
            message = _("This row has more cells than the first line names columns. Put quotes around commas.")
            raise unreadable(path, message)
        given: dict[str, Any] = {title: cell for title, cell in zip(titles, cells, strict=False) if cell}
        groups = [group for group in _BETWEEN_GROUPS.split(given.pop("groups", "")) if group]
        name = given.pop("name", "")
        if "port" in given:
            given["port"] = whole_number(given["port"])
        yield HostEntry(name, **given, groups=groups, path=path, given=frozenset(given))
