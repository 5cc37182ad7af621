"""Ansible over SSH to real machines on loopback: log-in, failure messages, and what a stop ends."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from automation.actions.document import load_action
from automation.executors.ansible import AnsibleExecutor
from automation.executors.base import HostResult, Order, Refused
from automation.models.host import Connection
from tests.automation.farm import Farm, Machine, free_port, keygen
from tests.automation.playing import play
from tests.automation.world import processes_naming
from tickets.models.content import Target

pytestmark = pytest.mark.services
SECONDS = "86399"  # so long that no other process says it
LOGIN, SUDO, PHRASE = "l0gin {{ 7*7 }}'\"$x", "su-p4ss {{ 7*7 }}", "phr4se of the key"


def target(name: str, user: str, port: int, address: str = "127.0.0.1") -> Target:
    return {"name": name, "address": f"{user}@{address}:{port}", "connection": Connection.SSH}


def order(key: str, targets: list[Target], credentials: dict[str, Any] | None = None, **params: Any) -> Order:
    action = load_action(Path(__file__).parent / "library" / key)
    return Order("T-1", 1, action, action.version, params, targets, credentials=credentials or {})


@pytest.fixture
def machines(farm: Farm, settings) -> tuple[Machine, Machine]:
    """Two that let our key in, and known to us."""
    both = farm.machine("web-01"), farm.machine("web-02")
    farm.admit(settings.AUTOMATION_HOME)
    return both


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_stopping_ends_the_processes_on_every_far_side(machines, eventually) -> None:
    targets = [machine.target() for machine in machines]
    with AnsibleExecutor().start(order("test.sleep", targets, seconds=SECONDS)) as execution:

        def are_asleep() -> bool:
            execution.renew()
            execution.poll(0.1)
            return all(f"sleep {SECONDS}" in machine.run("ps", "ax", "-o", "args") for machine in machines)

        eventually(are_asleep)
        execution.stop()
        while execution.exit_code is None:
            execution.renew()
            execution.poll(0.2)
    eventually(lambda: not processes_naming(f"sleep {SECONDS}"))


def test_F29_every_host_says_what_became_of_it(machines, silent: int) -> None:
    known, stranger = machines[0], keyless(machines[0])
    targets = [
        *(target(name, "root", known.port, known.address) for name in ("fine", "command", "loop", "retry")),
        target("down", "root", free_port()),
        target("silent", "root", silent),
        target("asks", stranger, known.port, known.address),
    ]
    played = play(order("test.reach", targets))
    assert played.statuses == {
        "fine": "ok",
        "command": "failed",
        "loop": "failed",
        "retry": "changed",
        "down": "unreachable",
        "silent": "unreachable",
        "asks": "unreachable",
    }, played.text
    said = {name: result.message for name, result in played.results.items()}
    assert "ls: cannot access '/nowhere': No such file or directory (exit code 2)" in said["command"]
    assert "/none-1: ls: cannot access '/none-1'" in said["loop"]
    assert "/none-2: ls: cannot access '/none-2'" in said["loop"]
    assert "Connection refused" in said["down"]
    assert "timed out" in said["silent"]
    assert "Permission denied (publickey,password" in said["asks"]
    assert "asks for a password" in said["asks"]
    assert said["fine"] == said["retry"] == ""


def keyless(machine: Machine) -> str:
    """An account there that no key of ours opens: the machine would ask for a password."""
    if "stranger" not in (machine.root / "etc/passwd").read_text():
        machine.run("useradd", "--create-home", "stranger")
        config = machine.root / "baton-farm/config"
        config.write_text(config.read_text() + "Match User stranger\n  AuthorizedKeysFile none\n")
        machine.run("sh", "-c", "kill -HUP 1")
    return "stranger"


def test_a_host_that_is_away_counts_as_away_where_the_play_goes_on(machines) -> None:
    played = play(order("test.away", [machines[0].target(), target("down", "root", free_port())]))
    assert played.ending.exit_code == 0
    assert played.statuses == {"web-01": "ok", "down": "unreachable"}
    assert "Connection refused" in played.results["down"].message


def test_A34_a_host_whose_key_is_not_known_is_not_spoken_to(machines, settings) -> None:
    (settings.AUTOMATION_HOME / "ssh/known_hosts").write_text("")
    played = play(order("test.away", [machines[0].target()]))
    assert played.statuses == {"web-01": "unreachable"}
    assert "Host key verification failed" in played.results["web-01"].message


def test_I24_passwords_get_in_and_are_seen_nowhere(machines, settings) -> None:
    machine = machines[0]
    user = keyless(machine)
    machine.run("chpasswd", input=f"{user}:{LOGIN}\nroot:{SUDO}\n")
    secrets = {"login": {"username": user, "password": LOGIN}, "sudo": {"username": "root", "password": SUDO}}
    seen = b""
    given = order("test.access", [machine.target(user)], secrets)
    with AnsibleExecutor().start(given) as execution:
        text = b""
        outputs: dict[str, Any] = {}
        results: dict[str, HostResult] = {}
        while execution.exit_code is None:
            execution.renew()
            news = execution.poll(0.1)
            text, outputs, results = text + news.text, {**outputs, **news.outputs}, results | news.hosts
            seen += everything_about_processes()
    assert outputs == {"web-01": {"user": "root"}}, (text, results)
    assert b"ansible" in seen
    for secret in (b"l0gin", b"su-p4ss"):
        assert secret not in text + seen + repr(results).encode()
    assert not list((settings.AUTOMATION_HOME / "runs").iterdir())


def everything_about_processes() -> bytes:
    """Arguments and environments of all processes."""
    found = b""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            for part in ("cmdline", "environ"):
                try:
                    found += (entry / part).read_bytes()
                except OSError:
                    continue
    return found


def test_a_key_with_a_passphrase_gets_in(machines, settings, tmp_path: Path) -> None:
    authorized = machines[0].root / "baton-farm/authorized"
    authorized.write_text(authorized.read_text() + keygen(tmp_path / "key", PHRASE))
    (settings.AUTOMATION_HOME / "ssh/id").unlink()
    key = {"private_key": (tmp_path / "key").read_text(), "passphrase": PHRASE}
    played = play(order("test.away", [machines[0].target()], {"fleet": key}))
    assert played.statuses == {"web-01": "ok"}, played.text


@pytest.mark.parametrize(
    ("key", "credentials", "reason"),
    [
        ("test.away", {"fleet": {"private_key": "KEY", "passphrase": "wrong"}}, "does not open the SSH key"),
        ("test.away", {"a": {"private_key": "KEY"}, "b": {"private_key": "KEY"}}, "more than one SSH key"),
        ("test.away", {"p": {"username": "root", "password": "x"}}, "does not say what the password p is for"),
        ("test.away", {"t": {"token": "x"}}, "no use for the credential t"),
        ("test.access", {}, "needs the password login"),
        (
            "test.access",
            {"login": {"username": "bob", "password": "x"}},
            "password of bob, but web-01 is reached as root",
        ),
    ],
)
def test_credentials_that_do_not_fit_are_refused(home: Path, tmp_path: Path, key, credentials, reason) -> None:
    keygen(tmp_path / "key", PHRASE)
    for fields in credentials.values():
        if "private_key" in fields:
            fields["private_key"] = (tmp_path / "key").read_text()
    with pytest.raises(Refused, match=reason):
        AnsibleExecutor().start(order(key, [target("web-01", "root", 22)], credentials))
    assert not list((home / "automation/runs").iterdir())
