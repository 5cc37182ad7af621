"""Ansible over SSH, to a real sshd on loopback: known hosts only, and cancelling reaches the far side."""

import getpass
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from automation.executors.ansible import AnsibleExecutor
from automation.executors.base import Execution, HostResult, Order
from automation.registry import load_action
from tests.automation.world import processes_naming

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin")
pytestmark = [
    pytest.mark.services,
    pytest.mark.skipif(SSHD is None, reason="LEFT OUT: no sshd on this machine (apt install openssh-server)"),
]
CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
SetEnv TMPDIR={folder}
"""
SECONDS = "86399"  # so long that no other process says it


def keygen(path: Path) -> str:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(command, check=True)
    return path.with_suffix(".pub").read_text()


@pytest.fixture
def port(home: Path, tmp_path_factory, eventually) -> Iterator[int]:
    """An sshd that lets our key in, and known to us."""
    folder = tmp_path_factory.mktemp("sshd")
    ours = home / "automation/ssh"
    ours.mkdir(parents=True, mode=0o700)
    (folder / "authorized").write_text(keygen(ours / "id"))
    host_key = keygen(folder / "host")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
    (folder / "config").write_text(CONFIG.format(port=number, folder=folder))
    (ours / "known_hosts").write_text(f"[127.0.0.1]:{number} {host_key}")
    Path("/run/sshd").mkdir(exist_ok=True)
    server = subprocess.Popen([str(SSHD), "-D", "-e", "-f", str(folder / "config")], stderr=subprocess.DEVNULL)
    eventually(lambda: socket.socket().connect_ex(("127.0.0.1", number)) == 0)
    yield number
    server.terminate()
    server.wait()


def start(port: int) -> Execution:
    action = load_action(Path(__file__).parent / "library/test.sleep")
    target = {"name": "far-01", "address": f"{getpass.getuser()}@127.0.0.1:{port}", "connection": "ssh"}
    order = Order("T-1", 1, action, action.version, {"seconds": SECONDS}, [target])
    return AnsibleExecutor().start(order)


def follow(execution: Execution) -> tuple[dict[str, HostResult], str]:
    results: dict[str, HostResult] = {}
    text = b""
    while execution.exit_code is None:
        execution.renew()
        news = execution.look(0.2)
        results |= news.hosts
        text += news.text
    return results, text.decode()


def test_stopping_ends_the_process_on_the_far_side(port: int, eventually) -> None:
    with start(port) as execution:

        def is_asleep() -> bool:
            execution.renew()
            execution.look(0.1)
            return bool(processes_naming(f"sleep {SECONDS}"))

        eventually(is_asleep)
        execution.stop()
        follow(execution)
    eventually(lambda: not processes_naming(f"sleep {SECONDS}"))


def test_A34_a_host_whose_key_is_not_known_is_not_spoken_to(port: int, home: Path) -> None:
    (home / "automation/ssh/known_hosts").write_text("")
    with start(port) as execution:
        results, text = follow(execution)
    assert results["far-01"].status == "unreachable", text
    assert "Host key verification failed" in results["far-01"].message
