"""Shell lines as a file."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from automation.audit.tables import Table

WIDTHS = (26, 26, 26, 16, 80, 40, 20, 10, 40, 20)


def table(lines: Iterable[dict[str, Any]]) -> Table:
    """The file's table, in the active language."""
    heads = [
        _("Typed at"), _("Received"), _("Host"), _("Log-in user"), _("Command"), _("Folder"), _("From address"),
        _("Terminal"), _("Session"), _("Alarm"),
    ]  # fmt: skip
    return Table(heads, WIDTHS, _rows(lines))


def _rows(lines: Iterable[dict[str, Any]]) -> Iterator[list[str]]:
    for line in lines:
        alarm = line["alarm"]
        yield [
            _moment(line["at"]), _moment(line["received_at"]), line["host"], line["user"],
            line["command"] + ("…" if line["is_cut"] else ""), line["cwd"], line["source"], line["tty"],
            line["session"], (alarm["ticket"] or alarm["pattern"]) if alarm else "",
        ]  # fmt: skip


def _moment(at: Any) -> str:
    return timezone.localtime(at).isoformat(sep=" ", timespec="seconds")
