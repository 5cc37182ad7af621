"""One ansible-playbook run, as the worker holds it."""

import os
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from django.conf import settings

from automation.actions.executors import Draft
from automation.actions.files import content_version, write_files
from automation.executors.ansible import keeper, workspace
from automation.executors.ansible.environment import environment
from automation.executors.ansible.events import Reader
from automation.executors.ansible.section import PLAYBOOK, check_section
from automation.executors.ansible.workspace import Workspace
from automation.executors.base import Executor, Mode, News, Order, Refused
from automation.models.host import Connection
from templates_engine.text import both

FENCE_S = 12.0  # shorter than the job's lease: the run has ended before the job can be marked as lost
READ_MAX = 65536
END_S = 15.0


class AnsibleExecutor(Executor):
    """Runs the action's playbook on exactly the order's targets."""

    name, label = "ansible", both("Ansible", "Ansible")
    foresees = True
    reaches_by = Connection.SSH
    shown_as = "argv"

    def check_section(self, draft: Draft) -> None:
        """Check the files in a folder laid out as for a run. Raises ValueError."""
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "action"
            write_files(draft.files, content_version(draft.files), place)
            check_section(draft.run, place)

    def beginnings(self, run: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
        """The command, and its settings."""
        yield "argv", "ansible-playbook", ["ansible-playbook", self.main_file(run)[1]]
        yield from super().beginnings(run)

    def main_file(self, run: Mapping[str, Any]) -> tuple[str, str]:
        """The playbook."""
        return "playbook", run.get("playbook", PLAYBOOK)

    def start(self, order: Order) -> "AnsibleExecution":
        """Begin. Raises Refused if the action is not the approved one, or a target is not one host."""
        prepared = workspace.prepare(order)
        try:
            return AnsibleExecution(prepared, order.mode)
        except OSError as error:
            shutil.rmtree(prepared.folder, ignore_errors=True)
            raise Refused(f"Ansible cannot be started: {error.strerror}") from error


class AnsibleExecution:
    """The keeper process, its output and its events."""

    def __init__(self, prepared: Workspace, mode: Mode) -> None:
        folder = prepared.folder
        self.exit_code: int | None = None
        self.began_at = time.monotonic()
        self.has_verdict = False
        self._reader, self._folder = Reader(prepared.roots), folder
        self._events, events_to = os.pipe()
        playbook = [sys.executable, "-I", "-m", "ansible", "playbook"]
        self._process = subprocess.Popen(  # noqa: S603 (an argument list without any value of a ticket)
            [
                *(sys.executable, "-I", keeper.__file__, str(folder), str(FENCE_S), str(settings.JOB_MEMORY_MB)),
                *(str(events_to), *playbook, *arguments_of(prepared, mode)),
            ],
            cwd=folder,
            env=environment(folder, events_to, prepared.section, prepared.access),
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
        """Always end every process: closing the lifeline makes the keeper end them all."""
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
        shutil.rmtree(self._folder, ignore_errors=True)  # normally done by the keeper, unless it was killed

    def renew(self) -> None:
        """Renew the keeper's lease."""
        self._say(b".")

    def stop(self) -> None:
        """Ask the keeper to end the run."""
        self._say(keeper.STOP)

    def _say(self, word: bytes) -> None:
        """Send a byte, unless the pipe is closed: its descriptor may already belong to another file."""
        assert self._process.stdin is not None  # noqa: S101 (PIPE was asked for)
        if not self._process.stdin.closed:
            with suppress(BrokenPipeError):  # the keeper has already ended
                os.write(self._lifeline, word)

    def poll(self, timeout_s: float) -> News:
        """The news; once the keeper has ended, everything that is left and the exit code."""
        self.exit_code = self._process.poll()
        if self.exit_code is None:
            self._selector.select(timeout_s)
        news = self._reader.read(self._read(self._output), self._read(self._events))
        self.has_verdict = self._reader.has_verdict
        if not self._selector.get_map():  # both pipes are closed: the keeper is about to exit
            self._process.wait(END_S)
        return news

    def _read(self, descriptor: int) -> bytes:
        """What can be read without waiting: one piece while it runs (no flood can block it), at the end all."""
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


def arguments_of(prepared: Workspace, mode: Mode) -> list[str]:
    """The options of ansible-playbook: file names in the private folder, and values from the action."""
    section = prepared.section
    vaults = [part for name in section.vault for part in ("-e", f"@playbook/{name}")]
    return [
        *("-i", "inventory.json", f"--limit=@{workspace.LIMIT}", *vaults, "-e", "@ticket.json", "--diff"),
        *(["--check"] if mode is Mode.CHECK else []),
        *([f"--tags={','.join(section.tags)}"] if section.tags else []),
        *([f"--skip-tags={','.join(section.skip_tags)}"] if section.skip_tags else []),
        *prepared.access.arguments,
        f"playbook/{section.playbook}",
    ]
