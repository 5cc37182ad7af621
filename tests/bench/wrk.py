"""HTTP load by wrk, a native load generator, which leaves the processor to what is measured."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

SCRIPT = Path(__file__).parent / "replay.lua"
CONNECTIONS = 16
TIMEOUT_S = 30


@dataclass(frozen=True)
class Load:
    """Result of one load. errors: answers of 400 and above, and connections that failed or timed out."""

    requests: int
    seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    errors: int

    @property
    def per_s(self) -> float:
        """Answers per second."""
        return self.requests / self.seconds


def load(port: int, requests: Sequence[bytes], seconds: float, *, again: bool) -> Load:
    """Send these requests on CONNECTIONS connections for so long; end after the last one, unless `again`."""
    program = shutil.which("wrk")
    assert program, "wrk is missing. On Debian: apt-get install wrk"
    with tempfile.NamedTemporaryFile(suffix=".requests") as file:
        file.write(b"\0".join(requests) + b"\0")
        file.flush()
        options = {
            "--threads": 1, "--connections": CONNECTIONS, "--duration": f"{round(seconds) + TIMEOUT_S}s",
            "--timeout": f"{TIMEOUT_S}s", "--script": SCRIPT,
        }  # fmt: skip
        flags = [str(part) for option in options.items() for part in option]
        given = [file.name, "again" if again else "once", str(seconds), str(CONNECTIONS)]
        command = [program, *flags, f"http://127.0.0.1:{port}/", "--", *given]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return Load(**json.loads(done.stdout.strip().splitlines()[-1]))


def summary(loads: Sequence[Load]) -> dict[str, float]:
    """Medians; errors are added up."""
    return {
        "per_s": round(median(load.per_s for load in loads), 1),
        "p50_ms": round(median(load.p50_ms for load in loads), 1),
        "p99_ms": round(median(load.p99_ms for load in loads), 1),
        "errors": sum(load.errors for load in loads),
    }
