"""A test host: a real OpenSSH key, real signatures (`ssh-keygen -Y sign`), and the messages of a sender."""

import json
import subprocess
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.test import Client
from django.utils import timezone

from automation.models.shell import ShellHost
from automation.shells.sshsig import read_key
from tests.api.calls import Answer


def keygen(path: Path, kind: str = "ed25519") -> Path:
    """Create a key in this file."""
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(path)], check=True)
    return path


def sign(key: Path, body: bytes, namespace: str = "baton-shell", *options: str) -> str:
    """A signature by OpenSSH in one line, without its armour."""
    command = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", namespace, *options]
    armoured = subprocess.run(command, input=body, capture_output=True, check=True).stdout.decode()
    return "".join(line for line in armoured.splitlines() if not line.startswith("-----"))


def line(seq: int, command: str | bytes = "id", **given: Any) -> dict[str, Any]:
    """One line in the form that senders use."""
    raw = command.encode() if isinstance(command, str) else command
    plain = {"at": "2026-11-30T10:00:00Z", "user": "alice", "session": "s1.261130", "tty": "pts/0"}
    where = {"source": "10.0.0.9", "cwd": b64encode(b"/home/alice").decode()}
    return {"seq": seq, **plain, **where, "command": b64encode(raw).decode(), **given}


@dataclass
class Sender:
    """An enrolled host. key: the file of its private key."""

    key: Path
    row: ShellHost

    def body(self, *lines: dict[str, Any], enrolment: int | None = None) -> bytes:
        """A batch of these lines."""
        return json.dumps({"enrolment": self.row.pk if enrolment is None else enrolment, "lines": lines}).encode()

    def send(self, *lines: dict[str, Any], enrolment: int | None = None) -> Answer:
        """Sign and send them."""
        body = self.body(*lines, enrolment=enrolment)
        return post(self.row.name, body, sign(self.key, body))


def enrolled(folder: Path, name: str) -> Sender:
    """Enrol a host."""
    key = keygen(folder / name)
    public = read_key(key.with_suffix(".pub").read_text())
    return Sender(key, ShellHost.objects.create(name=name, public_key=public, enrolled_at=timezone.now()))


def post(name: str, body: bytes, signature: str, **options: Any) -> Answer:
    """Send a request to the intake endpoint."""
    headers = {"X-Baton-Host": name, "X-Baton-Signature": signature, "Accept-Language": "en"}
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    return client.post("/intake/shell", body, content_type="application/json", headers=headers, **options)
