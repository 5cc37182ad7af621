"""The settings that `make run` fills in if the environment does not set them."""

import os
import secrets
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from config.environment import EXECUTORS_OWN, env_file, home, read_env_file
from config.production import SANDBOX_WECOM

LOOPBACK = "127.0.0.1"
# Made once and kept: without them the audit trail can no longer be verified.
KEPT_SECRETS = ("BATON_SECRET_KEY", "BATON_AUDIT_KEY")
PUBLIC, PRIVATE = "BATON_CREDENTIAL_KEY", "BATON_CREDENTIAL_PRIVATE_KEYS"
HEADER = "# Written by `make run`. The keys are made once; keep this file with the data.\n"


@dataclass(frozen=True)
class Ports:
    """The ports of the parts on loopback."""

    web: int
    wecom: int
    mailbox: int
    smtp: int

    @classmethod
    def from_web(cls, port: int) -> "Ports":
        """PORT and the next three."""
        return cls(port, port + 1, port + 2, port + 3)


def sandbox_wecom(ports: Ports) -> dict[str, str]:
    """Settings that point at the sandbox; its keys are test-only and open nothing real."""
    return {
        "WECOM_API_BASE": f"http://{LOOPBACK}:{ports.wecom}",
        "WECOM_CORP_ID": "ww5a6d626f78424154",
        "WECOM_AGENT_ID": "1000002",
        **SANDBOX_WECOM,
    }


def fill_in(ports: Ports) -> None:
    """Set what the environment does not, except the addresses of servers that are not started yet."""
    kept = read_env_file(env_file())
    for name in KEPT_SECRETS:
        os.environ.setdefault(name, kept.get(name) or secrets.token_urlsafe(48))
    os.environ["BATON_HOME"] = str(home())
    os.environ["BATON_DEMO"] = "1"
    os.environ.setdefault("BATON_URL", f"http://{LOOPBACK}:{ports.web}")
    os.environ.setdefault("EMAIL_URL", f"smtp://{LOOPBACK}:{ports.smtp}")
    for name, value in sandbox_wecom(ports).items():
        os.environ.setdefault(name, value)


def fill_in_executor() -> None:
    """Move the executor's own settings from this environment to a separate file.

    The key pair for credentials is made once: all processes get the public key, only the executor the private one.
    """
    kept = read_env_file(executor_env_file())
    found = {name: os.environ.pop(name, "") or kept.get(name, "") for name in EXECUTORS_OWN}
    public = os.environ.get(PUBLIC) or read_env_file(env_file()).get(PUBLIC, "")
    if not (public and found[PRIVATE]):
        from common import sealed_box

        public, private = sealed_box.new_pair(datetime.now(UTC).strftime("%Y%m%d-%H%M%S"))
        found[PRIVATE] = ",".join(filter(None, [private, found[PRIVATE]]))
    os.environ[PUBLIC] = public
    _write(executor_env_file(), {name: value for name, value in found.items() if value})


def executor_env_file() -> Path:
    """The file in which `make run` keeps the executor's own settings."""
    return home() / "executor.env"


WRITTEN = (
    *KEPT_SECRETS, PUBLIC, "BATON_DEMO", "BATON_HOME", "BATON_URL", "DATABASE_URL", "BROKER_URL", "EMAIL_URL",
    "SALT_API_URL", "SALT_API_EAUTH", "SALT_API_USERNAME", "SALT_API_CA",
    "BATON_REPORT_TO", "WECOM_OAUTH_BASE", "WECOM_LOGIN_BASE", *sandbox_wecom(Ports(0, 0, 0, 0)),
)  # fmt: skip


def write_env_file() -> None:
    """Write the settings for `./manage.py` in another terminal, readable only by this user."""
    _write(env_file(), {name: os.environ[name] for name in WRITTEN if name in os.environ})


def _write(path: Path, values: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    lines = [f"{name}={value}\n" for name, value in values.items()]
    partial.write_text(HEADER + "".join(lines), encoding="utf-8")
    partial.replace(path)


def valkey_socket(folder: Path) -> Path:
    """A socket path short enough for the operating system (about 100 bytes)."""
    path = folder / "valkey.sock"
    return path if len(str(path)) < 100 else Path(tempfile.mkdtemp(prefix="baton-")) / "valkey.sock"
