"""The commands that start the parts: workers, the web server."""

import os
import sys

from devtools.embedded.environment import LOOPBACK

CONNECTIONS = 2048  # limit of each web worker, idle connections included


def module(name: str) -> list[str]:
    """The command that runs a Python module."""
    return [sys.executable, "-m", name]


def celery() -> list[str]:
    """The Celery command."""
    return [sys.executable, "-m", "celery", "--app", "config", "--quiet"]


def worker(queues: str, threads: int) -> list[str]:
    """The command of a worker for these queues; threads, because the work mostly waits for other services."""
    name = queues.split(",", maxsplit=1)[0]
    return [
        *celery(), "worker", "--queues", queues, "--pool", "threads", "--concurrency", str(threads),
        "--hostname", f"{name}@%h", "--loglevel", "warning",
    ]  # fmt: skip


def web(port: int) -> list[str]:
    """The command of the web server: plain HTTP/1, which closes idle connections after half a minute."""
    return [
        sys.executable, "-m", "granian", "--interface", "rsgi", "--http", "1", "--no-ws", "--host", LOOPBACK,
        "--port", str(port), "--workers", str(min(4, os.cpu_count() or 1)), "--backlog", "4096",
        "--backpressure", str(CONNECTIONS), "--respawn-failed-workers", "--log-level", "warning",
        "config.rsgi:application",
    ]  # fmt: skip
