"""The settings that `make run` fills in, for whatever the environment does not set."""

import os
import secrets
import string
import tempfile
from dataclasses import dataclass
from pathlib import Path

from config.environment import env_file, home, read_env_file

LOOPBACK = "127.0.0.1"
# Made once and kept: who lost them could not verify the audit trail any more.
KEPT_SECRETS = ("BATON_SECRET_KEY", "BATON_AUDIT_KEY")
HEADER = "# Written by `make run`. The keys are made once; keep this file with the data.\n"


@dataclass(frozen=True)
class Ports:
    """Where the parts listen on loopback."""

    web: int
    wecom: int
    mailbox: int
    smtp: int

    @classmethod
    def from_web(cls, port: int) -> "Ports":
        """PORT and the three behind it."""
        return cls(port, port + 1, port + 2, port + 3)


def sandbox_wecom(ports: Ports) -> dict[str, str]:
    """Settings that point at the sandbox; its keys are test-only and open nothing real."""
    return {
        "WECOM_API_BASE": f"http://{LOOPBACK}:{ports.wecom}",
        "WECOM_CORP_ID": "ww5a6d626f78424154",
        "WECOM_AGENT_ID": "1000002",
        "WECOM_SECRET": "sandbox-only-" + "s" * 30,
        "WECOM_CONTACT_SECRET": "sandbox-only-" + "c" * 30,
        "WECOM_TOKEN": "SandboxOnlyToken",
        "WECOM_AES_KEY": ("SandboxOnly" + string.ascii_letters)[:43],
    }


def fill_in(ports: Ports) -> None:
    """Set what the environment does not, except the addresses of servers that are still to be started."""
    kept = read_env_file(env_file())
    for name in KEPT_SECRETS:
        os.environ.setdefault(name, kept.get(name) or secrets.token_urlsafe(48))
    os.environ["BATON_HOME"] = str(home())
    os.environ["BATON_DEMO"] = "1"
    os.environ.setdefault("BATON_URL", f"http://{LOOPBACK}:{ports.web}")
    os.environ.setdefault("EMAIL_URL", f"smtp://{LOOPBACK}:{ports.smtp}")
    for name, value in sandbox_wecom(ports).items():
        os.environ.setdefault(name, value)


WRITTEN = (
    *KEPT_SECRETS, "BATON_DEMO", "BATON_HOME", "BATON_URL", "DATABASE_URL", "BROKER_URL", "EMAIL_URL",
    "BATON_REPORT_TO", "WECOM_OAUTH_BASE", "WECOM_LOGIN_BASE", *sandbox_wecom(Ports(0, 0, 0, 0)),
)  # fmt: skip


def write_env_file() -> None:
    """Keep the settings for `./manage.py` in another terminal, readable by nobody else."""
    path = env_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    lines = [f"{name}={os.environ[name]}\n" for name in WRITTEN if name in os.environ]
    partial.write_text(HEADER + "".join(lines), encoding="utf-8")
    partial.replace(path)


def valkey_socket(folder: Path) -> Path:
    """A socket path short enough for the operating system (about 100 bytes)."""
    path = folder / "valkey.sock"
    return path if len(str(path)) < 100 else Path(tempfile.mkdtemp(prefix="baton-")) / "valkey.sock"
