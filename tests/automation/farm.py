"""Test machines: each is an sshd with its own file system, processes and users, on a loopback address.

A machine reads this one's files through an overlay and writes elsewhere, so real changes (accounts, services,
packages) do no harm. Root's shell starts bare there: what it does here at each login would be done for each task of
each playbook. Needs root and mount namespaces; without them the tests that use it are skipped with a message.
"""

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tickets.models.content import Target

PLACES = "/usr/sbin:/usr/local/sbin:/sbin:/usr/bin"
PROGRAMS = {name: shutil.which(name, path=PLACES) for name in ("sshd", "nginx", "haproxy", "rsyslogd")}
CONFIG = """
Port {port}
ListenAddress {address}
HostKey /baton-farm/host
AuthorizedKeysFile /baton-farm/authorized
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication yes
PermitRootLogin prohibit-password
MaxStartups 100
Subsystem sftp internal-sftp
"""
BOOT = """
set -e
umask 022
mount --make-rprivate /
mount -t tmpfs -o size=2g none {base}
mkdir {base}/u {base}/w {base}/m
mount -t overlay -o lowerdir=/,upperdir={base}/u,workdir={base}/w overlay {base}/m
cd {base}/m
mount -t proc proc proc
mount --rbind /dev dev
mount -t tmpfs none run
mount -t tmpfs none tmp
mkdir -p run/sshd baton-farm
rm -f root/.bashrc root/.profile root/.bash_profile
cp {farm}/* baton-farm/
hostname {name}
exec chroot . {sshd} -D -e -f /baton-farm/config
"""


def why_not() -> str:
    """Why no machines can be started here; "" if they can."""
    missing = [name for name, path in PROGRAMS.items() if path is None]
    if missing:
        return f"LEFT OUT: no {', '.join(missing)} on this machine (see find_test_programs in devtools/bootstrap.py)"
    probe = "mkdir -p /run/baton-farm && mount -t tmpfs none /run/baton-farm"
    tried = ["unshare", "-m", "sh", "-c", probe]
    can = os.geteuid() == 0 and subprocess.run(tried, capture_output=True, check=False).returncode == 0
    return "" if can else "LEFT OUT: no mount namespaces here (root, outside of a locked-down container)"


def free_port() -> int:
    """A free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def keygen(path: Path, passphrase: str = "") -> str:
    """Create a key in this file; returns its public half."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", str(path)]
    subprocess.run(command, check=True)
    return path.with_suffix(".pub").read_text()


@dataclass
class Machine:
    """One machine. root: its file system, seen from here. address: its own loopback address."""

    name: str
    address: str
    port: int
    host_key: str
    process: subprocess.Popen[bytes]

    @property
    def root(self) -> Path:
        return Path(f"/proc/{self.pid}/root")

    @property
    def pid(self) -> int:
        """The pid of its first process."""
        return int(Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()[0])

    def target(self, user: str = "root") -> Target:
        """The target as stored in a plan."""
        return {"name": self.name, "address": f"{user}@{self.address}:{self.port}", "connection": "ssh"}

    def run(self, *command: str, **options: Any) -> str:
        """The output of a command run there as root."""
        inside = ["nsenter", f"--target={self.pid}", "--mount", "--pid", "--uts", "--root", "--wd"]
        done = subprocess.run([*inside, *command], capture_output=True, text=True, check=False, **options)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout


class Farm:
    """Starts machines on demand, by name; close() ends all."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.machines = folder, dict[str, Machine]()
        self.public_key = keygen(folder / "id")

    def machine(self, name: str) -> Machine:
        """This machine; starts it if needed."""
        if name not in self.machines:
            self.machines[name] = self._boot(name)
        return self.machines[name]

    def _boot(self, name: str) -> Machine:
        address = f"127.77.0.{len(self.machines) + 1}"
        base, farm, port = self.folder / name, self.folder / f"{name}.farm", free_port()
        base.mkdir()
        farm.mkdir()
        (farm / "authorized").write_text(self.public_key)
        (farm / "config").write_text(CONFIG.format(address=address, port=port))
        host_key = keygen(farm / "host")
        script = BOOT.format(base=base, farm=farm, name=name, sshd=PROGRAMS["sshd"])
        command = ["unshare", "--mount", "--pid", "--uts", "--fork", "--kill-child", "sh", "-c", script]
        with (farm / "log").open("wb") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=log, env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
            )
        deadline = time.monotonic() + 60
        while socket.socket().connect_ex((address, port)):
            assert process.poll() is None, (farm / "log").read_text()
            assert time.monotonic() < deadline, "the machine did not start"
            time.sleep(0.05)
        return Machine(name, address, port, host_key, process)

    def admit(self, automation_home: Path) -> None:
        """Give the executor with this data folder the key to all machines, and their host keys."""
        ours = automation_home / "ssh"
        ours.mkdir(parents=True, mode=0o700, exist_ok=True)
        shutil.copy(self.folder / "id", ours / "id")
        known = [f"[{machine.address}]:{machine.port} {machine.host_key}" for machine in self.machines.values()]
        (ours / "known_hosts").write_text("".join(known))

    def close(self) -> None:
        """Stop every machine and all that runs there."""
        for machine in self.machines.values():
            machine.process.kill()
            machine.process.wait()
