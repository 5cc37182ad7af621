"""A complete Baton for tests: `python -m devtools.run` in its own folder, on free ports, used from outside."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import requests

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "baton-demo"
START_S = 300  # on a machine that is busy with other things
# Set by the test session; a new machine does not have these.
FOREIGN = ("DATABASE_URL", "BROKER_URL", "EMAIL_URL", "WECOM_", "BATON_", "DJANGO_", "PYTEST_")


def wait_for(found: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    """Poll until the result is true; fail with `what` after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = found()
        if answer:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {seconds} s")


def free_ports(count: int) -> int:
    """The first of this many free ports in a row."""
    for first in range(21_000 + os.getpid() % 500 * 8, 60_000, 10):
        probes = []
        try:
            for port in range(first, first + count):
                probe = socket.socket()
                probes.append(probe)
                probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        finally:
            for probe in probes:
                probe.close()
        return first
    raise AssertionError("no free ports")


class Person:
    """A person who uses the API with a browser's session."""

    def __init__(self, house: "House", username: str) -> None:
        self.house, self.session = house, requests.Session()
        self.session.headers["Accept-Language"] = "en"
        answer = self.post("auth/login", username=username, password=PASSWORD)
        assert answer["username"] == username

    def get(self, path: str) -> Any:
        """GET under /api/v1/, which must succeed."""
        answer = self.session.get(self.house.api + path, timeout=20)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def post(self, path: str, **body: Any) -> Any:
        """POST under /api/v1/, which must succeed."""
        token = self.session.cookies.get("csrftoken", "")
        answer = self.session.post(self.house.api + path, json=body, headers={"X-CSRFToken": token}, timeout=20)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None


class House:
    """A running Baton."""

    def __init__(self, home: Path, ports: int = 4) -> None:
        self.home = home
        self.port = free_ports(ports)
        self.url = f"http://127.0.0.1:{self.port}"
        self.api = f"{self.url}/api/v1/"
        self.wecom = f"http://127.0.0.1:{self.port + 1}"
        self.mailbox = f"http://127.0.0.1:{self.port + 2}"
        self.output = home / "terminal.txt"
        self.process: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        """The environment of a new terminal."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN)}
        quotas = {f"BATON_QUOTA_{kind}": "1000000" for kind in ("TICKETS", "COMMENTS", "UPLOADS", "RUNS")}
        return {**clean, **quotas, "BATON_HOME": str(self.home), "PORT": str(self.port)}

    def start(self) -> None:
        """Start, and wait for the welcome message."""
        self.home.mkdir(parents=True, exist_ok=True)
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "devtools.run"],
                cwd=ROOT, env=self.environment(), stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        wait_for(self.is_up, f"start of Baton:\n{self.terminal()}", START_S)

    def is_up(self) -> bool:
        """Whether the welcome message is shown; fails at once if the start has failed."""
        assert self.process is not None
        assert self.process.poll() is None, self.terminal()
        return "Ctrl-C stops everything" in self.terminal()

    def terminal(self) -> str:
        """The output in the terminal."""
        return self.output.read_text(encoding="utf-8") if self.output.exists() else ""

    def stop(self) -> None:
        """Stop with Ctrl-C."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)

    def left_behind(self) -> list[str]:
        """Command lines of processes that still belong to this Baton."""
        found = []
        for process in psutil.process_iter(["pid", "cmdline", "environ"]):
            command = " ".join(process.info["cmdline"] or [])
            belongs = (process.info["environ"] or {}).get("BATON_HOME") == str(self.home)
            if process.pid != os.getpid() and (belongs or str(self.home) in command):
                found.append(command)
        return found

    def part(self, *words: str) -> psutil.Process:
        """The process whose command line contains all these words."""
        return next(iter(self.parts(*words)))

    def parts(self, *words: str) -> list[psutil.Process]:
        """The processes whose command line contains all these words."""
        assert self.process is not None
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if all(word in " ".join(child.cmdline()) for word in words)]

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ./manage.py in another terminal."""
        command = [sys.executable, "manage.py", *arguments]
        env = {**self.environment(), "PYTHONWARNINGS": "ignore"}
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    def sql(self, *statements: str) -> None:
        """Run statements as the database's owner, like an intruder."""
        with self.database() as connection:
            for statement in statements:
                connection.execute(statement)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows that a query finds."""
        with self.database() as connection:
            return connection.execute(query, values).fetchall()

    def database(self) -> Any:
        """A connection to its database, as the owner."""
        import psycopg

        from config.environment import read_env_file

        url = read_env_file(self.home / "baton.env")["DATABASE_URL"].replace("postgres://", "postgresql://")
        return psycopg.connect(url, autocommit=True)

    def cards(self, username: str, number: str) -> list[dict[str, Any]]:
        """The cards about a ticket on a person's phone, oldest first."""
        inbox = requests.get(f"{self.wecom}/sandbox/inbox/{username}", timeout=10).json()["messages"]
        return [message for message in inbox if message.get("card") and number in str(message["card"])]

    def press(self, username: str, card: dict[str, Any], key: str) -> dict[str, Any]:
        """Tap a button."""
        body = {"msgid": card["msgid"], "key": key}
        return requests.post(f"{self.wecom}/sandbox/inbox/{username}/press", json=body, timeout=30).json()

    def mails(self, username: str) -> list[dict[str, Any]]:
        """A person's mails, newest first."""
        answer = requests.get(
            f"{self.mailbox}/mailbox/messages", params={"to": f"{username}@demo.example.com"}, timeout=10
        )
        return answer.json()["messages"]
