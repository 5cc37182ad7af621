"""The way to the fork server: processes that it forked, as if they had been started here."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from devtools.embedded.fork_server import READY, TITLE_ROOM
from devtools.embedded.supervisor import Child, Process

ANSWER_S = 5.0
IMPORT_S = 60.0


class Forked:
    """A process of the fork server's that we have adopted: what `subprocess.Popen` is for one that we started."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # somebody else has asked for its end
                pid, status = self.pid, 1 << 8
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Its exit code. Raises subprocess.TimeoutExpired."""
        until = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(0.01)
        return code


class ForkServer(Child):
    """The fork server's process, as one of the supervisor's children."""

    def __init__(self, log: Path) -> None:
        super().__init__("fork-server", [], log=log)
        self.is_ready = False
        self.socket: socket.socket | None = None

    def start(self) -> None:
        """Start it; it answers when it has imported everything."""
        self.is_ready = False
        ours, theirs = socket.socketpair()
        with theirs:
            self.command = [
                sys.executable, "-m", "devtools.embedded.fork_server", str(theirs.fileno()), " " * TITLE_ROOM,
            ]  # fmt: skip
            self.passed = (theirs.fileno(),)
            super().start()
        if self.socket is not None:
            self.socket.close()
        self.socket = ours

    def await_ready(self, seconds: float = IMPORT_S) -> bool:
        """Wait until it can fork; False if it has ended, or has not imported everything by then."""
        if not self.is_ready and self.socket is not None:
            self.socket.settimeout(seconds)
            self.is_ready = self._receive() == READY
        return self.is_ready

    def fork(self, child: Child) -> Process | None:
        """Fork this child. None if this is not possible; then it has to be started in the usual way."""
        assert child.log is not None  # noqa: S101 (for the type checker: all parts have one)
        return self._fork({"command": child.command, "env": child.env, "log": str(child.log)})

    def run(self, *command: str) -> tuple[int, str] | None:
        """The exit code and the output of this command, once it has ended; None if it could not be forked."""
        with tempfile.NamedTemporaryFile() as output:
            process = self._fork({"command": [sys.executable, "-m", *command], "env": {}, "log": output.name})
            if process is None:
                return None
            try:
                while (code := process.poll()) is None:
                    time.sleep(0.01)
            except BaseException:
                os.kill(process.pid, signal.SIGKILL)
                raise
            return code, Path(output.name).read_text(encoding="utf-8")

    def _fork(self, wish: dict[str, object]) -> Process | None:
        if not self.await_ready(0) or self.socket is None:
            return None
        try:
            self.socket.settimeout(ANSWER_S)
            self.socket.sendall(json.dumps(wish).encode() + b"\n")
            answer = self._receive()
        except OSError:
            answer = b""
        self.is_ready = answer.strip().isdigit()
        if self.is_ready:
            return Forked(int(answer))
        self.kill()  # it must not fork later what is started in another way now; the supervisor starts it again
        return None

    def _receive(self) -> bytes:
        assert self.socket is not None  # noqa: S101 (its callers have asked)
        try:
            return self.socket.recv(64)
        except OSError:
            return b""
