"""The processes of this Salt. They are stopped together with all processes that they forked."""

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

from sandbox.salt.certificates import HOST
from sandbox.salt.files import Plan, prepare

PROGRAMS = Path(__file__).resolve().parents[2] / ".salt" / "bin"
API, MASTER = "salt-api", "salt-master"
PR_SET_PDEATHSIG = 1
END_S = 5.0


def die_with_parent() -> None:
    """In the child, on Linux: get SIGTERM when the parent ends, for any reason."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class NotInstalled(Exception):
    """Salt is not installed in .salt."""


class Fleet:
    """Master, salt-api and minions, each in its own process group, so that one can be killed alone."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start everything; returns before it is ready. Raises NotInstalled."""
        if not (PROGRAMS / MASTER).exists():
            raise NotInstalled("Salt is not installed: BATON_DEMO_SALT=1 make run installs it")
        prepare(self.plan)
        for name in (MASTER, API, *self.plan.minions):
            self.launch(name)

    def folder(self, name: str) -> Path:
        """Where its configuration and its files are; master and API share one."""
        return self.plan.home / ("master" if name in (MASTER, API) else name)

    def launch(self, name: str) -> None:
        """Start or restart one of them."""
        program = name if name in (MASTER, API) else "salt-minion"
        folder = self.folder(name)
        with (self.plan.home / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(  # noqa: S603 (programs and folders of our own)
                [str(PROGRAMS / program), "-c", str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 (nothing else happens in the child)
                env={**os.environ, "PATH": f"{PROGRAMS}:{os.environ.get('PATH', os.defpath)}", "HOME": str(folder)},
            )

    def signal(self, name: str, number: int) -> None:
        """Send a signal to one of them and to all that it forked."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.processes[name].pid, number)

    def kill(self, name: str) -> None:
        """Kill one of them with SIGKILL, as in a power failure."""
        self.signal(name, signal.SIGKILL)
        self.processes[name].wait()
        # What it forked may still be a zombie, for which Salt would say that it runs already, and not start again.
        for file in self.folder(name).glob("*pid"):
            file.unlink(missing_ok=True)

    def answers(self) -> bool:
        """Whether salt-api accepts connections."""
        trusted = ssl.create_default_context(cafile=str(self.plan.authority))
        try:
            with socket.create_connection((HOST, self.plan.port), timeout=1) as plain:
                trusted.wrap_socket(plain, server_hostname=HOST).close()
        except OSError:
            return False
        return True

    def ended(self) -> list[str]:
        """Names of those that have ended unexpectedly."""
        return [name for name, process in self.processes.items() if process.poll() is not None]

    def stop(self) -> None:
        """End them all."""
        for name in self.processes:
            self.signal(name, signal.SIGCONT)
            self.signal(name, signal.SIGTERM)
        deadline = time.monotonic() + END_S
        for name, process in self.processes.items():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
            self.signal(name, signal.SIGKILL)
            process.wait()
        self.processes.clear()

    def forget(self) -> None:
        """Remove its folder."""
        shutil.rmtree(self.plan.home, ignore_errors=True)
