"""Run one ASGI application in this process until SIGINT or SIGTERM."""

import asyncio
import errno
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from starlette.applications import Starlette

from sandbox.web.errors import StartError

STOP_WITHIN_S = 0.5


def claim_port(host: str, port: int, variable: str) -> None:
    """Raise StartError unless the port can be bound; a shared port would split requests between processes."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise StartError(f"port {port} is taken; set {variable} to a free one") from error
            raise StartError(f"cannot listen on {host}:{port}: {error.strerror}") from error


async def serve_http(app: Starlette, host: str, port: int) -> None:
    """Serve until a signal, then give open responses STOP_WITHIN_S to finish."""
    server: Any = Server(
        app, address=host, port=port, interface=Interfaces.ASGI, websockets=False, log_level=LogLevels.error
    )
    server.workers_kill_timeout = 1
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    serving = loop.create_task(server.serve())
    waiting = loop.create_task(stopped.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    server.stop()
    await asyncio.wait({serving}, timeout=STOP_WITHIN_S)


def run(program: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
    """Run the program; on StartError print its text and exit with status 1.

    Does not wait for the threads of open connections: a browser tab that polls must not delay the exit.
    """
    status = 0
    try:
        asyncio.run(program())
    except StartError as error:
        sys.stderr.write(f"{name}: {error}\n")
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
