"""Process supervisor: starts processes, restarts and reports crashed ones, stops them all."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psutil

from common.parent import die_with_parent

PR_SET_CHILD_SUBREAPER = 36
GRACE_S = 8.0
STEADY_S = 20.0  # after this run time, the restart delay starts at its minimum again
SLOWEST_S = 30.0


def adopt_orphans() -> bool:
    """On Linux: orphaned descendants become children of this process, so that it can end them too. Whether they do."""
    return sys.platform == "linux" and ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1) == 0


def stands_still(pid: int) -> bool:
    """Whether this process is stopped, as by SIGSTOP."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    except psutil.NoSuchProcess:
        return False


class Process(Protocol):
    """What the supervisor needs of a process: one that it started (`subprocess.Popen`), or adopted (`forks.Forked`)."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None: ...

    def wait(self, timeout: float) -> int: ...


@dataclass
class Child:
    """One process: its name, its command, and its recent crashes. start_with: starts it faster, where it can."""

    name: str
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)
    log: Path | None = None
    start_with: "Callable[[Child], Process | None] | None" = None
    process: Process | None = None
    passed: tuple[int, ...] = ()  # file descriptors
    started: float = 0.0
    crashes: int = 0
    again_at: float = 0.0

    def start(self) -> None:
        """Start it in its own process group, so that Ctrl-C reaches only the supervisor."""
        self.process = (self.start_with(self) if self.start_with else None) or self._execute()
        self.started = time.monotonic()

    def _execute(self) -> Process:
        output = self.log.open("ab") if self.log else None
        try:
            return subprocess.Popen(  # noqa: S603 (commands of our own)
                self.command,
                env={**os.environ, **self.env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=True,
                pass_fds=self.passed,
                preexec_fn=die_with_parent,  # noqa: PLW1509 (no threads here)
            )
        finally:
            if output:
                output.close()

    def signal(self, number: int) -> None:
        """Send a signal to the whole group."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return

    def kill(self) -> None:
        """Kill the whole group, in any state, with processes that its main process left behind."""
        self.signal(signal.SIGKILL)

    def is_stopped(self) -> bool:
        """Whether it is stopped (SIGSTOP)."""
        return self.process is not None and stands_still(self.process.pid)

    def has_ended(self) -> bool:
        """Whether it was started and has ended."""
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
        """Check each child once; restart ended ones, with a longer delay each time."""
        self.reap()
        for child in self.children:
            if child.has_ended() and not child.again_at:
                self._note_crash(child, now)
            elif child.again_at and now >= child.again_at:
                child.again_at = 0.0
                child.start()

    def reap(self) -> None:
        """Reap adopted orphans that have ended."""
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
        child.kill()  # processes that it left behind would keep its port and its work
        self.say(
            f"! {child.name} ended ({child.process.returncode}); starting it again in {wait:.1f} s. Log: {child.log}"
        )

    def stop(self) -> None:
        """Terminate all, newest first; after GRACE_S kill those that are left."""
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
