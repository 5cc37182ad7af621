"""B5: the month's workbook, by the command that operators use."""

import os
import subprocess
import sys
import time
from typing import Any

from config.environment import ROOT
from reports.month import Month
from tests.bench.bed import Bed
from tests.bench.seed import grow
from tickets.models import Ticket

MONTH = Month(2026, 10)


def run(bed: Bed) -> dict[str, Any]:
    """Seconds and peak memory, including the start of the command; the start alone for comparison."""
    grow(bed, bed.pick(10_000, 1_000_000))
    rows = Ticket.objects.filter(submitted_at__gte=MONTH.start, submitted_at__lt=MONTH.end).count()
    target = bed.folder / "month.xlsx"
    empty, _memory = timed("report", "monthly", "--month", "2001-01", "--out", str(target))
    seconds, peak_mb = timed("report", "monthly", "--month", str(MONTH), "--out", str(target))
    size_mb = target.stat().st_size / 1e6
    return {
        "rows": rows,
        "seconds": round(seconds, 2),
        "seconds_of_an_empty_month": round(empty, 2),
        "peak_mb": round(peak_mb),
        "file_mb": round(size_mb, 2),
    }


def timed(*arguments: str) -> tuple[float, float]:
    """Seconds and peak resident megabytes of a management command."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "manage.py", *arguments], cwd=ROOT, stdout=subprocess.DEVNULL)
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, arguments
    return time.perf_counter() - began, usage.ru_maxrss / 1024
