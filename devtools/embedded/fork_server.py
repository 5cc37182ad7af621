"""The fork server: it imports Baton once, and forks each part of `make run` from that (Linux only).

It reads one request a line from the socket that its first argument names, `{command, env, log}`, and answers with the
process id. It forks twice, so that the part becomes a child of whoever adopts orphans: `make run`, which then waits for
it and restarts it as if it had started it itself. The fork server has no connection, no thread, and none of the
executor's secrets: the executor reads those after it was forked.
"""

import ctypes
import json
import os
import socket
import sys
import time
from typing import Any

from common.parent import die_with_parent
from config.environment import EXECUTOR_FILE
from config.preload import preload, run

READY = b"ready\n"
TITLE_ROOM = 600  # a command line is overwritten in place; the fork server's own has to be as long as any


def main() -> None:
    """Serve until the other end is closed; in a forked part, be that part."""
    server = socket.socket(fileno=int(sys.argv[1]))
    preload()
    server.sendall(READY)
    with server, server.makefile("r", encoding="utf-8") as lines:
        part = next((one for one in map(json.loads, lines) if is_forked_for(server)), None)
    if part is not None:
        become(part)


def is_forked_for(server: socket.socket) -> bool:
    """Fork, and send the process id to the other end; true in the forked process."""
    pid = fork()
    if pid:
        server.sendall(f"{pid}\n".encode())
    return pid == 0


def fork() -> int:
    """Fork a process that is not our child; return its process id here, once its parent has ended, and 0 in it."""
    reader, writer = os.pipe()
    between = os.fork()
    if between:
        os.close(writer)
        with open(reader, encoding="ascii") as pipe:  # noqa: PTH123 (it has no path)
            pid = int(pipe.read())
        os.waitpid(between, 0)
        return pid
    parent = os.getpid()
    pid = os.fork()
    if pid:
        os.write(writer, str(pid).encode())
        os._exit(0)
    os.close(reader)
    os.close(writer)
    while os.getppid() == parent:
        time.sleep(0.001)
    return 0


def become(part: dict[str, Any]) -> None:
    """Be this part: its own session, its log, its settings, and then its command."""
    os.setsid()
    die_with_parent()
    log = os.open(part["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(nothing)
    os.close(log)
    os.environ.update(part["env"])
    if EXECUTOR_FILE in part["env"]:
        read_executors_settings()
    name_process(part["command"])
    _python, _m, *command = part["command"]
    run(*command)


def read_executors_settings() -> None:
    """Read the settings of automation again, now with those that only the executor has."""
    from importlib import reload

    from django.conf import settings

    from config import environment
    from config.settings import automation

    environment.load()
    fresh = reload(automation)
    for name in filter(str.isupper, dir(fresh)):
        setattr(settings, name, getattr(fresh, name))


def name_process(command: list[str]) -> None:
    """Let `ps` and `top` show this command: overwrite the command line that the kernel keeps."""
    with open("/proc/self/stat", encoding="utf-8") as file:  # noqa: PTH123 (a fork server imports little)
        start, end = map(int, file.read().rpartition(")")[2].split()[45:47])
    text = b"\0".join(part.encode() for part in command)[: end - start - 1]
    ctypes.memmove(start, text.ljust(end - start, b"\0"), end - start)


if __name__ == "__main__":
    main()
