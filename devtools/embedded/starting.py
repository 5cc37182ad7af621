"""What the start needs: lines on the screen, free ports, management commands, and waiting until a part is ready."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from config.environment import ROOT, home
from devtools.embedded.environment import LOOPBACK

READY_S = 60.0


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Step:
    """A step of the start: prints its name at once, and its time at the end."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        self.began = time.monotonic()
        sys.stdout.write(f"· {self.name} … ")
        sys.stdout.flush()

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        say("failed" if kind else f"{time.monotonic() - self.began:.1f} s")


def asked_port() -> int:
    """PORT, a number with room for the three ports after it. Exits if it is wrong."""
    given = os.environ.get("PORT") or "8000"
    if not given.isdecimal() or not 1 <= int(given) <= 65_532:
        sys.exit(f"✕ PORT={given} is not a port from 1 to 65532.\n  → PORT=8000 make run")
    return int(given)


def require_free(port: int, what: str) -> None:
    """Exit with a clear message if the port is in use."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            sys.exit(f"✕ Port {port} ({what}) is taken.\n  → Is Baton running already? Else: PORT={port + 10} make run")


def manage(*arguments: str) -> str:
    """Run a management command and return its output; exit with that output if it fails."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(failure(arguments, done.stdout + done.stderr))
    return done.stdout.strip()


def failure(arguments: Sequence[str], output: str) -> str:
    """What to say of a management command that failed with this output."""
    return f"\n✕ manage.py {' '.join(arguments)} failed:\n{output.strip()[-3000:]}"


def wait_until(ready: Callable[[], bool], what: str) -> None:
    """Poll until it is ready; after READY_S exit and name the logs."""
    deadline = time.monotonic() + READY_S
    while not ready():
        if time.monotonic() > deadline:
            sys.exit(f"\n✕ {what} did not start within {READY_S:.0f} s.\n  → Look into {home() / 'logs'}")
        time.sleep(0.1)
