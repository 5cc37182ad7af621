"""Which version of Baton runs where: this process's own, and those that workers and executors have reported.

The version is read once, when the process starts: the folder may hold newer code by the time somebody asks.
"""

import logging
import subprocess
import time
import tomllib

from celery import signals
from django.db import DatabaseError, connection

from config import pulses
from config.environment import ROOT

logger = logging.getLogger("baton.versions")
ARCHIVED = "$Format:%h$"  # `git archive` writes the commit here (.gitattributes)
REPORT_S = 10.0
LATELY_S = 60
NAME_MAX = 64
RUNS = "runs:"


def _commit() -> str:
    """The short id of this folder's commit; empty if it is neither a checkout nor an archive of one."""
    if not ARCHIVED.startswith("$"):
        return ARCHIVED
    if not (ROOT / ".git").exists():
        return ""
    # The folder may belong to root, and the process to its own user: git refuses that unless told.
    command = ["git", "-c", "safe.directory=*", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return ""


def _version() -> str:
    """Such as 1.4.0+65c9b1ec."""
    release = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    return "+".join(part for part in (release, _commit()) if part)


VERSION = _version()
_reported_at = 0.0


@signals.worker_ready.connect
@signals.beat_init.connect
def _say(**_rest: object) -> None:
    logger.info("process.started", extra={"version": VERSION})


@signals.worker_ready.connect
def _forget_old_ones(**_rest: object) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM config_pulse WHERE starts_with(name, %s) AND at < now() - interval '1 day'", [RUNS]
            )
    except DatabaseError:
        return


@signals.task_prerun.connect
def _report(task: object = None, **_rest: object) -> None:
    """Let the database know which version this worker runs, every few seconds while it gets work."""
    global _reported_at  # noqa: PLW0603 (of this process)
    host = getattr(getattr(task, "request", None), "hostname", None)
    if host and time.monotonic() - _reported_at > REPORT_S:
        _reported_at = time.monotonic()
        pulses.beat(f"{RUNS}{VERSION}:{host}"[:NAME_MAX])


def others() -> dict[str, set[str]]:
    """Workers and executors of other versions in the last minute: version → their names, such as worker@host."""
    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM config_pulse WHERE starts_with(name, %s) "
            "AND clock_timestamp() - at < make_interval(secs => %s) ORDER BY name",
            [RUNS, LATELY_S],
        )
        for (name,) in cursor.fetchall():
            version, _, host = name.removeprefix(RUNS).partition(":")
            if version != VERSION:
                found.setdefault(version, set()).add(host)
    return found
