"""START: from `make run` to the first page, with the data of a first start."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from statistics import median
from typing import Any

from config.environment import ROOT
from tests.bench.bed import Bed
from tests.house import House, wait_for

LONGEST_S = 600


class Started(House):
    """All parts of `make run` in a folder of their own."""

    def begin(self) -> float:
        """Start all parts; return the seconds until the first page came."""
        self.home.mkdir(parents=True, exist_ok=True)
        began = time.perf_counter()
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "devtools.run"],
                cwd=ROOT, env=self.environment(), stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        wait_for(self.shows_a_page, "the first page", LONGEST_S)
        return time.perf_counter() - began

    def shows_a_page(self) -> bool:
        """Whether the web app is served."""
        try:
            with urllib.request.urlopen(self.url, timeout=5) as answer:
                return b"<html" in answer.read()
        except OSError:
            assert self.process is not None
            assert self.process.poll() is None, self.terminal()
            return False

    def end(self) -> None:
        """Ctrl-C."""
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGINT)
            self.process.wait(60)


def started(bed: Bed) -> Started:
    """Baton with its demonstration data, stopped; made once."""
    if "installed" not in bed.state:
        found = Started(Path(bed.folder) / "start")
        bed.state["first_start_s"] = found.begin()
        wait_for(found.is_up, "the welcome", LONGEST_S)
        found.end()
        bed.state["installed"] = found
    installed: Started = bed.state["installed"]
    return installed


def run(bed: Bed) -> dict[str, Any]:
    """Seconds of the first start, which makes the database, and the median of later ones."""
    house, took = started(bed), []
    for _pass in range(bed.pick(3, 5)):
        try:
            took.append(house.begin())
            wait_for(house.is_up, "the welcome", LONGEST_S)
        finally:
            house.end()
    return {"first_start_s": round(bed.state["first_start_s"], 1), "second_start_s": round(median(took), 1)}
