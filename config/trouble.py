"""Which parts of a running Baton do nothing, from a response of /readyz (F18). For `make run` and `manage.py stuck`."""

from typing import Any

SILENT_S = 45.0  # for sweeps that run every 5 s, and an executor with a heartbeat every 15 s
# The clock is a part of the worker; where `celery beat` runs beside it, that is named as well.
PARTS = {
    "outbox": ("worker", "beat"),
    "timer": ("worker", "beat"),
    "delivery": ("worker", "beat"),
    "job": ("executor",),
    "dry_run": ("executor",),
}


def trouble_in(found: dict[str, Any]) -> dict[str, str]:
    """Part → problem, from a response of /readyz. If database or broker are down, no part is to blame."""
    progress = found.get("progress") or {}
    wrong: dict[str, str] = {}
    if _silent(progress, "executor_age_s"):
        wrong["executor"] = "the executor gives no sign of life"
    if _silent(progress, "sweep_age_s"):
        wrong |= dict.fromkeys(("worker", "beat"), "the sweeps do not run")
    for kind in found.get("stuck", ()):
        what = f"nobody comes for what is due ({kind}, for {progress[f'{kind}_age_s']:.0f} s)"
        wrong |= dict.fromkeys(PARTS[kind], what)
    return wrong


def _silent(progress: dict[str, Any], key: str) -> bool:
    return key in progress and (progress[key] is None or progress[key] > SILENT_S)
