"""What is measured side by side: Baton of today, the floor and, if BASELINE names a commit, the Baton of that commit.

All on one PostgreSQL, each with a database of its own, and on the same web server with as many processes and threads.
"""

import os
import subprocess
import sys
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg

from config.environment import ROOT
from demo import PASSWORD
from devtools.embedded.environment import LOOPBACK
from tests.bench import seed
from tests.bench.bed import Bed
from tests.bench.clients import Client
from tests.house import free_ports, wait_for

FLOOR_SEED = Path(__file__).parent / "floor" / "seed.sql"


class Side(ABC):
    """A web server with tickets. clients: by username, logged in once. web: its part of the bed; database: its name."""

    name: str
    web: str
    database: str

    def __init__(self, bed: Bed, port: int) -> None:
        self.bed, self.port = bed, port
        self.clients: dict[str, Client] = {}
        self.rates: dict[str, float] = {}  # of the last pass of each workload

    def client(self, username: str) -> Client:
        """This person's connection and session."""
        if username not in self.clients:
            self.clients[username] = Client(self.port, {})
            self.clients[username].log_in(username, PASSWORD)
        return self.clients[username]

    def request(self, username: str, method: str, path: str, body: bytes = b"") -> bytes:
        """The bytes of one request under /api/v1/ with this person's session."""
        headers = {"Host": f"{LOOPBACK}:{self.port}", **self.client(username).headers}
        lines = [f"{method} /api/v1/{path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body

    def processor_s(self) -> float:
        """Processor time that its web processes and its database connections have used so far."""
        assert self.bed.postgres is not None
        [part] = [child.process for child in self.bed.supervisor.children if child.name == self.web]
        top, server = psutil.Process(part.pid), psutil.Process(self.bed.postgres.pid())
        connections = [process for process in server.children() if f" {self.database} " in titled(process)]
        return sum(map(used, (top, *top.children(recursive=True), *connections)))

    @abstractmethod
    def start(self) -> None:
        """Start the web server on a furnished database."""

    @abstractmethod
    def grow(self, size: int) -> None:
        """Have this many seeded tickets."""


class Ours(Side):
    """Baton of this checkout, which the bed has started."""

    name, web, database = "ours", "web", "postgres"

    def start(self) -> None:
        """Nothing to do."""

    def grow(self, size: int) -> None:
        """Seed by SQL."""
        seed.grow(self.bed, size)


class Floor(Side):
    """Plain Django and DRF."""

    name, web, database = "floor", "floor", "floor"

    def start(self) -> None:
        """Create its tables and people, and start it."""
        from django.conf import settings

        self.url = new_database(self.database)
        env = {"FLOOR_DATABASE_URL": self.url, "DJANGO_SETTINGS_MODULE": "tests.bench.floor.settings"}
        subprocess.run([sys.executable, "-m", "tests.bench.floor"], cwd=ROOT, env=os.environ | env, check=True)
        command = [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws", "--host", LOOPBACK,
            "--port", str(self.port), "--workers", str(min(4, os.cpu_count() or 1)),
            "--blocking-threads", str(settings.WEB_THREADS), "--log-level", "warning",
            "tests.bench.floor.wsgi:application",
        ]  # fmt: skip
        self.bed.add(self.web, command, env)
        wait_for(lambda: answers(self.port), "the floor", 60)

    def grow(self, size: int) -> None:
        """Seed by SQL, as many rows of each kind as ours."""
        first = self.bed.state.get("floor", 0) + 1
        count = size - first + 1
        if count <= 0:
            return
        values = {"first": first, "last": size, "count": count, "every": max(1, count // seed.WAITING)}
        with psycopg.connect(libpq(self.url), autocommit=True) as connection:
            for statement in FLOOR_SEED.read_text(encoding="utf-8").split(";\n"):
                if statement.strip():
                    connection.execute(statement, values | {"busy": seed.busy_approver(size)})
            connection.execute("VACUUM ANALYZE")
        self.bed.state["floor"] = size


def started(bed: Bed) -> list[Side]:
    """All sides, started once in a bed."""
    if "sides" not in bed.state:
        from tests.bench.mirror import Mirror

        port = free_ports(2)  # at once: asked for one after the other, both sides would get the same
        sides: list[Side] = [Ours(bed, bed.ports.web), Floor(bed, port)]
        if commit := os.environ.get("BASELINE"):
            sides.append(Mirror(bed, port + 1, commit))
        for side in sides:
            side.start()
        bed.state["sides"] = sides
    found: list[Side] = bed.state["sides"]
    return found


def used(process: psutil.Process) -> float:
    """Processor seconds of a process; 0 if it has ended."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system


def titled(process: psutil.Process) -> str:
    """The title of a database process, such as `postgres: USER DATABASE [local] idle`, without the user."""
    try:
        return " ".join(process.cmdline()).partition(": postgres")[2]
    except psutil.NoSuchProcess:
        return ""


def libpq(url: str) -> str:
    """The address of a database as libpq and psycopg know it."""
    return url.replace("postgres://", "postgresql://")


def new_database(name: str) -> str:
    """Create a database on the bed's server; return its DATABASE_URL."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(libpq(os.environ["DATABASE_URL"]), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return urlunsplit(parts._replace(path=f"/{name}"))


def answers(port: int) -> Any:
    """Whether a web server answers this port at all."""
    try:
        client = Client(port, {})
        client.connection.request("GET", "/api/v1/me")
        return client.connection.getresponse().status
    except OSError:
        return None
