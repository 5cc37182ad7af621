"""The record of runs as a file: one line per run and host."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from automation.audit.tables import Table

WIDTHS = (20, 20, 10, 22, 26, 14, 24, 12, 60, 60, 14, 24, 20, 24, 14, 14, 10, 8)


def table(runs: Iterable[dict[str, Any]], only: str | None = None) -> Table:
    """The file's table; only: lines of this host."""
    return Table(heads(), WIDTHS, lines(runs, only))


def heads() -> list[str]:
    """The heading line, in the active language."""
    return [
        _("Began"), _("Ended"), _("Kind"), _("Ticket"), _("Host"), _("Host result"), _("Action"), _("Version"),
        _("Arguments"), _("Command"), _("Asked by"), _("Approved by"), _("Address"), _("Outcome"), _("Executor"),
        _("Site"), _("Job"), _("Stage"),
    ]  # fmt: skip


def lines(runs: Iterable[dict[str, Any]], only: str | None = None) -> Iterator[list[str]]:
    """One line per host of each run, or only for this host; a run without hosts has one line too."""
    for run in runs:
        command = run["command"]
        said = (command["zh" if (get_language() or "").startswith("zh") else "en"]) if command else ""
        for host in run["hosts"] or [{"name": "", "address": "", "status": ""}]:
            if only and host["name"] != only:
                continue
            yield [
                _moment(run["began_at"]), _moment(run["ended_at"]), run["mode"], run["ticket"], host["name"],
                host["status"], run["action"], run["version"][:12],
                json.dumps(run["params"], ensure_ascii=False, sort_keys=True), said, run["asked_by"] or "",
                ", ".join(run["approved_by"]), host["address"], run["outcome"], run["executor"], run["site"],
                str(run["job"] or ""), str(run["stage"]),
            ]  # fmt: skip


def _moment(at: Any) -> str:
    return timezone.localtime(at).isoformat(sep=" ", timespec="seconds") if at else ""
