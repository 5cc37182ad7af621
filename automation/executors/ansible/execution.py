"""One ansible-playbook run, as the worker holds it."""

import json
import os
import selectors
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

from django.conf import settings

from automation.executors.ansible import keeper, workspace
from automation.executors.ansible.environment import environment
from automation.executors.base import HostResult, News, Order, Refused

FENCE_S = 12.0  # shorter than the job's lease: the run has ended before anybody may call it lost
READ_MAX = 65536
LINE_MAX = 1_000_000
END_S = 15.0


class AnsibleExecutor:
    """Runs the action's playbook on exactly the order's targets."""

    def start(self, order: Order) -> "AnsibleExecution":
        """Begin. Raises Refused where the action is not the approved one, or a target is not one host."""
        folder = workspace.prepare(order)
        try:
            return AnsibleExecution(folder)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise Refused(f"Ansible cannot be started: {error.strerror}") from error


class AnsibleExecution:
    """The keeper's process, its output and its events."""

    def __init__(self, folder: Path) -> None:
        self.exit_code: int | None = None
        self.began_at = time.monotonic()
        self.has_verdict = False
        self._rest, self._folder = b"", folder
        self._events, events_to = os.pipe()
        playbook = [sys.executable, "-I", "-m", "ansible", "playbook"]
        arguments = ["-i", "inventory.json", "-e", "@ticket.json", "playbook/playbook.yml"]
        self._process = subprocess.Popen(  # noqa: S603 (an argument list without any value of a ticket)
            [
                *(sys.executable, "-I", keeper.__file__, str(folder), str(FENCE_S), str(settings.JOB_MEMORY_MB)),
                *(str(events_to), *playbook, *arguments),
            ],
            cwd=folder,
            env=environment(folder, events_to),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[events_to],
            start_new_session=True,
            bufsize=0,
        )
        os.close(events_to)
        assert self._process.stdin is not None  # noqa: S101 (PIPE was asked for)
        assert self._process.stdout is not None  # noqa: S101
        self._lifeline, self._output = self._process.stdin.fileno(), self._process.stdout.fileno()
        self._selector = selectors.DefaultSelector()
        for descriptor in (self._output, self._events):
            os.set_blocking(descriptor, False)
            self._selector.register(descriptor, selectors.EVENT_READ)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        """Whatever happened, leave no process: cut the lifeline, and the keeper ends them all."""
        process = self._process
        assert process.stdin is not None  # noqa: S101
        assert process.stdout is not None  # noqa: S101
        process.stdin.close()
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._selector.close()
        process.stdout.close()
        os.close(self._events)
        shutil.rmtree(self._folder, ignore_errors=True)  # the keeper did, unless it was killed itself

    def renew(self) -> None:
        """Renew the keeper's lease."""
        self._say(b".")

    def stop(self) -> None:
        """Ask the keeper to end the run."""
        self._say(keeper.STOP)

    def _say(self, word: bytes) -> None:
        with suppress(BrokenPipeError):  # it has ended already
            os.write(self._lifeline, word)

    def look(self, timeout_s: float) -> News:
        """What came in; once the keeper has ended, everything that is left and the exit code."""
        self.exit_code = self._process.poll()
        if self.exit_code is None:
            self._selector.select(timeout_s)
        news = News(self._read(self._output), self._results(self._read(self._events)))
        if not self._selector.get_map():  # both ends are closed: the keeper is about to be gone
            self._process.wait(END_S)
        return news

    def _read(self, descriptor: int) -> bytes:
        """What can be read without waiting: one piece while it runs (no flood holds us), at the end all."""
        pieces = []
        with suppress(BlockingIOError):
            while piece := os.read(descriptor, READ_MAX):
                pieces.append(piece)
                if self.exit_code is None:
                    break
            else:
                with suppress(KeyError):
                    self._selector.unregister(descriptor)
        return b"".join(pieces)

    def _results(self, data: bytes) -> dict[str, HostResult]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-LINE_MAX:]
        results = {}
        for event in map(json.loads, lines):
            if event.get("end"):
                self.has_verdict = True
            else:
                name = event.pop("host")
                results[name] = HostResult(**event)
        return results
