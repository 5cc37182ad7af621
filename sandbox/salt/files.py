"""Configuration files of this Salt: all below one folder, on loopback, run as the current user."""

import getpass
import json
import secrets
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.salt.certificates import HOST, make_certificate, make_minion_key, write

USER = "baton"
CLIENTS = ["local_async", "local", "runner"]
HOME_MAX = 50  # characters: Salt's socket names are long, and the system's limit is about 100
RIGHTS: list[Any] = [".*", "@runner", "@jobs"]


@dataclass(frozen=True)
class Plan:
    """Location and parts of this Salt. It uses three ports: `port` for the API, then publish and return.

    rights: permissions of each salt-api user, all with the same password. more: other settings of the master.
    """

    home: Path
    port: int
    minions: tuple[str, ...] = ("salt-01", "salt-02")
    clients: list[str] = field(default_factory=lambda: list(CLIENTS))
    rights: dict[str, list[Any]] = field(default_factory=lambda: {USER: RIGHTS})
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The URL of salt-api."""
        return f"https://{HOST}:{self.port}"

    @property
    def authority(self) -> Path:
        """The CA certificate of salt-api."""
        return self.home / "api.crt"

    def environment(self) -> dict[str, str]:
        """Baton's settings for it."""
        return {
            "SALT_API_URL": self.url,
            "SALT_API_EAUTH": "sharedsecret",
            "SALT_API_USERNAME": USER,
            "SALT_API_PASSWORD": self.secret(),
            "SALT_API_CA": str(self.authority),
        }

    def secret(self) -> str:
        """The password of all salt-api users, made once."""
        path = self.home / "api.secret"
        if not path.is_file():
            write(path, secrets.token_urlsafe(32).encode())
        return path.read_text(encoding="utf-8")


def prepare(plan: Plan) -> None:
    """Write all files that the processes read; existing keys are kept."""
    plan.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    make_certificate(plan.home)
    near = nearby(plan.home)
    save(plan.home / "master" / "master", master(plan, near / "master"))
    for name in plan.minions:
        make_minion_key(plan.home / name / "pki", plan.home / "master" / "pki" / "minions" / name)
        save(plan.home / name / "minion", minion(plan, name, near / name))


def save(path: Path, content: dict[str, Any]) -> None:
    """Write a configuration file as JSON, which is valid YAML."""
    write(path, json.dumps(content, indent=1).encode())


def nearby(home: Path) -> Path:
    """A path to the same folder that is short enough for sockets in it."""
    if len(str(home)) < HOME_MAX:
        return home
    link = Path(tempfile.mkdtemp(prefix="baton-salt-")) / "s"
    link.symlink_to(home)
    return link


def common(folder: Path) -> dict[str, Any]:
    """Settings that master and minions share. Salt would prefix paths outside root_dir with it again."""
    return {
        "user": getpass.getuser(),
        "root_dir": str(folder),
        "pki_dir": str(folder / "pki"),
        "cachedir": str(folder / "cache"),
        "sock_dir": str(folder / "s"),
        "log_file": str(folder / "log"),
        "log_level_logfile": "warning",
        "pidfile": str(folder / "pid"),
    }


def master(plan: Plan, folder: Path) -> dict[str, Any]:
    """The master, and salt-api, which reads the same file."""
    return common(folder) | {
        "interface": HOST,
        "publish_port": plan.port + 1,
        "ret_port": plan.port + 2,
        "worker_threads": 3,
        "state_events": True,
        "file_roots": {"base": [str(folder / "states")]},
        "sharedsecret": plan.secret(),
        "external_auth": {"sharedsecret": plan.rights},
        "netapi_enable_clients": plan.clients,
        "rest_cherrypy": {
            "host": HOST,
            "port": plan.port,
            "ssl_crt": str(plan.authority),
            "ssl_key": str(plan.home / "api.key"),
            "log_access_file": str(folder / "access"),
            "log_error_file": str(folder / "errors"),
        },
        "api_logfile": str(folder / "api-log"),
        "api_pidfile": str(folder / "api-pid"),
        **plan.more,
    }


def minion(plan: Plan, name: str, folder: Path) -> dict[str, Any]:
    """Settings of a minion that connects and reconnects without the delays that many minions need."""
    return common(folder) | {
        "id": name,
        "master": HOST,
        "publish_port": plan.port + 1,
        "master_port": plan.port + 2,
        "acceptance_wait_time": 1,
        "random_reauth_delay": 1,
        "recon_default": 100,
        "recon_max": 500,
        "recon_randomize": False,
        "enable_fqdns_grains": False,
        "enable_gpu_grains": False,
        "mine_enabled": False,
        "grains": {"baton": "demo"},
    }
