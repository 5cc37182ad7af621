"""Watches one run: if the worker dies, stalls or asks, every process of the run is ended.

    python -I keeper.py FOLDER FENCE_S MEMORY_MB EVENTS_FD COMMAND…

Standard library only. Its standard input is the lifeline to the worker: any byte renews the lease for FENCE_S
seconds, `T` asks for the end, and end-of-file means that the worker is gone (kill -9 included). As a child
subreaper, it becomes the parent of every process the run leaves behind, in any session or group, so none escapes.
At the end the private folder is removed. Exits with the run's own code, 128 + n for signal n, ABANDONED, or
OUT_OF_MEMORY if all processes of the run together took more than MEMORY_MB.
"""

import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
OUT_OF_MEMORY, ABANDONED = 96, 97
MEASURE_S = 0.5
TICK_S, GRACE_S, SWEEP_S = 0.1, 3.0, 5.0
STOP = b"T"

libc = ctypes.CDLL(None, use_errno=True)


def main() -> int:
    """Run the command under watch and return the exit code."""
    folder, fence_s, memory_mb, events_fd, *command = sys.argv[1:]
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(ABANDONED))
    try:
        return keep(command, float(fence_s), int(memory_mb) << 20, int(events_fd))
    finally:
        end_descendants()
        shutil.rmtree(folder, ignore_errors=True)


def keep(command: list[str], fence_s: float, memory: int, events_fd: int) -> int:
    """Start the command, watch it to its end, and return its exit code."""
    child = subprocess.Popen(  # noqa: S603 (an argument list of our own making)
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=[events_fd],
        preexec_fn=die_with_keeper,  # noqa: PLW1509 (one thread here)
    )
    os.close(events_fd)
    ended = watch(child, fence_s, memory)
    if ended == OUT_OF_MEMORY:
        child.kill()  # during a clean end it would take more memory
        child.wait()
    elif child.poll() is None:
        child.terminate()  # on this signal Ansible ends its own workers and remote commands
        try:
            child.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    if ended is not None:
        return ended
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def watch(child: "subprocess.Popen[bytes]", fence_s: float, memory: int) -> int | None:
    """Wait until the child ends or must end: ABANDONED if the worker is gone or its lease expired, or OUT_OF_MEMORY."""
    renewed = measured = time.monotonic()
    while child.poll() is None:
        ready, _, _ = select.select([0], [], [], TICK_S)
        said = os.read(0, 4096) if ready else None
        if said == b"" or time.monotonic() - renewed > fence_s:
            return ABANDONED
        if said and STOP in said:
            return None
        if said:
            renewed = time.monotonic()
        if time.monotonic() - measured > MEASURE_S:
            if sum(memory_of(pid) for pid in descendants()) > memory:
                return OUT_OF_MEMORY
            measured = time.monotonic()
    return None


def memory_of(pid: int) -> int:
    """Memory of a process in bytes, with its share of shared pages; 0 if it has ended or is not ours."""
    try:
        for line in (Path("/proc") / str(pid) / "smaps_rollup").read_bytes().splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) << 10
    except (OSError, IndexError, ValueError):
        pass
    return 0


def die_with_keeper() -> None:
    """In the child: end when the keeper itself is killed."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def end_descendants() -> None:
    """Kill and reap until no descendant is left."""
    deadline = time.monotonic() + SWEEP_S
    while (found := descendants()) and time.monotonic() < deadline:
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        reap()
        time.sleep(TICK_S / 5)


def reap() -> None:
    """Collect the exit status of every child that has ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def descendants() -> list[int]:
    """Process ids of all living descendants of this process."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (parent := parent_of(entry)) is not None:
            children.setdefault(parent, []).append(int(entry.name))
    found, frontier = [], [os.getpid()]
    while frontier:
        frontier = [child for pid in frontier for child in children.get(pid, [])]
        found += frontier
    return found


def parent_of(entry: Path) -> int | None:
    """The parent's process id; None if the process has ended meanwhile."""
    try:
        return int((entry / "stat").read_bytes().rpartition(b")")[2].split()[1])
    except (OSError, IndexError):
        return None


if __name__ == "__main__":
    sys.exit(main())
