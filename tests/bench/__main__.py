"""`make bench`: run the workloads, print the table, write bench/results.json.

SCALE=small (default, under three minutes) or full (a million tickets); ONLY=B1,B2 for some of them.
"""

import importlib
import json
import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.environment import ROOT
from config.run import say
from tests.bench.bed import Bed

RESULTS = ROOT / "bench" / "results.json"
# In this order: lists are measured while the tables grow, everything else at the final size, the limit last.
WORKLOADS = {
    "ENGINE": "engine",
    "B3": "b3_todo",
    "B1": "b1_submit",
    "B2": "b2_approve",
    "B4": "b4_mix",
    "B7": "b7_callback",
    "B8": "b8_dispatch",
    "B5": "b5_workbook",
    "B9": "b9_limit",
}


def asked_scale() -> str:
    """SCALE."""
    scale = os.environ.get("SCALE") or "small"
    if scale not in ("small", "full"):
        sys.exit(f"✕ SCALE={scale} is neither small nor full.")
    return scale


def asked_workloads() -> list[str]:
    """ONLY, in the order of the table."""
    only = os.environ.get("ONLY", "").upper().replace(" ", "")
    wanted = set(only.split(",")) if only else set(WORKLOADS)
    if unknown := wanted - set(WORKLOADS):
        sys.exit(f"✕ ONLY: there is no {', '.join(sorted(unknown))}; there are {', '.join(sorted(WORKLOADS))}.")
    return [name for name in WORKLOADS if name in wanted]


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").is_file() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cpus": os.cpu_count(),
        "cpu": model or platform.machine(),
        "memory_gb": round(memory, 1),
        "system": platform.system(),
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
    }


def revision() -> str:
    """The commit, with a + where files differ from it."""
    command = ["git", "describe", "--always", "--dirty=+", "--abbrev=10"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def measure(bed: Bed, names: list[str]) -> dict[str, dict[str, Any]]:
    """The figures of every workload. One that cannot be run says why and does not stop the rest."""
    figures: dict[str, dict[str, Any]] = {}
    bed.state["figures"] = figures
    for name in names:
        module = importlib.import_module(f"tests.bench.{WORKLOADS[name]}")
        began = time.monotonic()
        try:
            figures[name] = module.run(bed)
        except Exception as error:  # noqa: BLE001 (said in the table)
            figures[name] = {"error": f"{type(error).__name__}: {error}"[:500]}
        say(f"\n{(module.__doc__ or name).splitlines()[0]}  ({time.monotonic() - began:.0f} s)")
        for key, value in figures[name].items():
            say(f"  {key:<36} {value:>12}")
    return figures


def main() -> None:
    """Start, measure, stop, write."""
    scale, names = asked_scale(), asked_workloads()
    about = {
        "command": f"SCALE={scale} make bench",
        "scale": scale,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "revision": revision(),
        "machine": machine(),
    }
    bed = Bed(scale)
    try:
        bed.start()
        figures = measure(bed, names)
        tickets = bed.state.get("seeded", 0)
    finally:
        bed.stop()
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({**about, "seeded_tickets": tickets, "figures": figures}, indent=2) + "\n")
    say(f"\nWritten to {RESULTS.relative_to(ROOT)}")
    sys.exit(1 if any("error" in found for found in figures.values()) else 0)


if __name__ == "__main__":
    main()
