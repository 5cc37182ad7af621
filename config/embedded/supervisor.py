"""Keeps processes running: starts them, restarts what crashed and says so, stops them all."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
GRACE_S = 8.0
STEADY_S = 20.0  # a process that lived this long may crash again without being waited for longer
SLOWEST_S = 30.0


def die_with_parent() -> None:
    """In the child, on Linux: be told when the supervisor is gone, however it went."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def adopt_orphans() -> None:
    """On Linux: whose parent dies below this process becomes its child, and can be ended with the rest."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def stands_still(pid: int) -> bool:
    """Whether this process is stopped, as by SIGSTOP."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    except psutil.NoSuchProcess:
        return False


@dataclass
class Child:
    """One process: its name, its command, and how often it crashed lately."""

    name: str
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)
    log: Path | None = None
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    crashes: int = 0
    again_at: float = 0.0

    def start(self) -> None:
        """Start it in a group of its own, so that Ctrl-C reaches the supervisor alone."""
        output = self.log.open("ab") if self.log else None
        try:
            self.process = subprocess.Popen(  # noqa: S603 (commands of our own)
                self.command,
                env={**os.environ, **self.env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 (no threads here)
            )
        finally:
            if output:
                output.close()
        self.started = time.monotonic()

    def signal(self, number: int) -> None:
        """To the whole group."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return

    def kill(self) -> None:
        """End the whole group at once, whatever state it is in, and what its main process left behind."""
        self.signal(signal.SIGKILL)

    def is_stopped(self) -> bool:
        """Whether it was told to stand still (SIGSTOP) and not yet to go on."""
        return self.process is not None and stands_still(self.process.pid)

    def has_ended(self) -> bool:
        """Whether it was started and is gone."""
        return self.process is not None and self.process.poll() is not None


class Supervisor:
    """All children, in the order of their start."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.children: list[Child] = []
        self.stopping = False

    def add(self, child: Child) -> Child:
        """Start a child and keep it running."""
        child.start()
        self.children.append(child)
        return child

    def tick(self, now: float) -> None:
        """One look at every child: what ended is started again, each time a little later."""
        self.reap()
        for child in self.children:
            if child.has_ended() and not child.again_at:
                self._note_crash(child, now)
            elif child.again_at and now >= child.again_at:
                child.again_at = 0.0
                child.start()

    def reap(self) -> None:
        """Let adopted orphans go once they have ended."""
        ours = {child.process.pid for child in self.children if child.process}
        for process in psutil.Process().children():
            try:
                if process.pid not in ours and process.status() == psutil.STATUS_ZOMBIE:
                    os.waitpid(process.pid, os.WNOHANG)
            except (psutil.Error, ChildProcessError):
                continue

    def _note_crash(self, child: Child, now: float) -> None:
        assert child.process is not None  # noqa: S101 (for the type checker: it has ended)
        child.crashes = child.crashes + 1 if now - child.started < STEADY_S else 1
        wait = min(SLOWEST_S, 0.5 * 2 ** (child.crashes - 1))
        child.again_at = now + wait
        child.kill()  # what it left behind would keep its port and its work
        self.say(
            f"! {child.name} ended ({child.process.returncode}); starting it again in {wait:.1f} s. Log: {child.log}"
        )

    def stop(self) -> None:
        """Ask all to end, the newest first; after a grace kill whoever is left."""
        self.stopping = True
        for child in reversed(self.children):
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_S
        for child in reversed(self.children):
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.say(f"! {child.name} does not end; killing it")
            child.kill()
        self.reap()
