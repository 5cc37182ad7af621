"""`make bench`: run the workloads, print the table, write bench/results.json.

SCALE=small (default, 10,000 tickets) or full (10,000, 100,000 and a million); ONLY=B1,B2 for some of them;
BASELINE=<commit> measures that commit beside today's.
"""

import importlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from config.environment import ROOT
from devtools.embedded.starting import say
from tests.bench.bed import Bed

RESULTS = ROOT / "bench" / "results.json"
# At every size, side by side with the floor; then the others, at the final size, the limit last.
SIDE_BY_SIDE = ("B1", "B2", "B3", "B3-PAGE50", "B3-OLDEST", "PAGE", "ME", "B4")
ALONE = {
    "ENGINE": "engine",
    "DECIDE": "decide",
    "B7": "b7_callback",
    "B8": "b8_dispatch",
    "RUNS": "runs",
    "B5": "b5_workbook",
    "B10": "b10_executors",
    "B9": "b9_limit",
    "B6": "b6_timers",
    "START": "start",
    "MEM": "mem",
}
Figures = dict[str, dict[str, Any]]


def asked_scale() -> str:
    """The value of SCALE."""
    scale = os.environ.get("SCALE") or "small"
    if scale not in ("small", "full"):
        sys.exit(f"✕ SCALE={scale} is neither small nor full.")
    return scale


def asked_workloads() -> list[str]:
    """The workloads in ONLY, in the order of the table."""
    only = os.environ.get("ONLY", "").upper().replace(" ", "")
    every = [*SIDE_BY_SIDE, *ALONE]
    wanted = set(only.split(",")) if only else set(every)
    if unknown := wanted - set(every):
        sys.exit(f"✕ ONLY: there is no {', '.join(sorted(unknown))}; there are {', '.join(every)}.")
    return [name for name in every if name in wanted]


def machine() -> dict[str, Any]:
    """Describe the machine that measures."""
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
    """The commit, with + if files differ from it."""
    command = ["git", "describe", "--always", "--dirty=+", "--abbrev=10"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def measure(bed: Bed, names: list[str]) -> Figures:
    """The figures of every workload, by name and, where there is more than one, size."""
    from tests.bench import hot  # needs Django set up
    from tests.bench.sides import started

    figures: Figures = {}
    bed.state["figures"] = figures
    together = [name for name in names if name in SIDE_BY_SIDE]
    for size in bed.sizes if together else []:
        for side in started(bed):
            side.grow(size)
        for name in together:
            title = f"{name}: {hot.WORKLOADS[name][0]}, {size:,} tickets"
            show(figures, f"{name} at {size:,}", title, partial(hot.run, bed, name, size))
    for name in names:
        if name in ALONE:
            module = importlib.import_module(f"tests.bench.{ALONE[name]}")
            show(figures, name, module.__doc__.splitlines()[0], partial(module.run, bed))
    return figures


def show(figures: Figures, key: str, title: str, run: Callable[[], dict[str, Any]]) -> None:
    """Run one workload, keep its figures and print them. One that fails says why and does not stop the others."""
    began = time.monotonic()
    try:
        figures[key] = run()
    except Exception as error:  # noqa: BLE001 (said in the table)
        figures[key] = {"error": f"{type(error).__name__}: {error}"[:500]}
    say(f"\n{title}  ({time.monotonic() - began:.0f} s)")
    for name, value in figures[key].items():
        shown = " · ".join(f"{part} {number}" for part, number in value.items()) if isinstance(value, dict) else value
        say(f"  {name:<36} {shown:>12}")


def main() -> None:
    """Start, measure, stop, and write the results."""
    scale, names = asked_scale(), asked_workloads()
    about = {
        "command": f"SCALE={scale} make bench",
        "scale": scale,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "revision": revision(),
        "baseline": os.environ.get("BASELINE", ""),
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
