"""The demonstration hosts: three folders below BATON_HOME that look like small machines."""

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from automation.commands.importing import load
from automation.inventory.entry import HostEntry
from automation.models import Host
from automation.models.host import Connection

NAMES = ("demo-01", "demo-02", "demo-03")
FILES = {
    "etc/os-release": 'NAME="Baton Demo Linux"\nVERSION_ID="1"\nPRETTY_NAME="Baton Demo Linux 1 ({name})"\n',
    "etc/nginx/conf.d/.keep": "",
    "etc/nginx/nginx.conf": "events {}\nhttp {\n    include conf.d/*.conf;\n    # proxy password=demo-secret\n}\n",
    "proc/modules": "nf_tables 307200 1 nft_compat, Live 0x0\next4 1032192 1 - Live 0x0\n",
    "var/log/nginx/error.log": (
        "2026/11/02 09:14:02 [notice] 1#1: start worker processes\n"
        "2026/11/02 09:31:47 [warn] 7#7: upstream response is buffered to a temporary file\n"
    ),
    "var/log/syslog": "Nov  2 09:14:01 {name} systemd[1]: Started nginx.service\n",
    "var/log/logins.txt": (
        "erin     pts/0   10.0.0.12   Mon Nov  2 09:12   still logged in\n"
        "grace    pts/1   10.0.0.17   Mon Nov  2 08:55 - 09:40  (00:45)\n"
    ),
}


def load_hosts(minions: Sequence[str] = ()) -> int:
    """Add the demo hosts with their folders, and a host for each minion; existing ones stay. Returns how many."""
    local = [HostEntry(name, connection=Connection.LOCAL, groups=["demo"], labels={"env": "demo"}) for name in NAMES]
    salt = [
        HostEntry(name, connection=Connection.SALT, minion=name, groups=["salt"], labels={"env": "demo"})
        for name in minions
    ]
    known = set(Host.objects.filter(name__in=[*NAMES, *minions]).values_list("name", flat=True))
    load([entry for entry in (*local, *salt) if entry.name not in known], timezone.now())
    for name in NAMES:
        lay_out(Path(settings.HOME) / "hosts" / name, name)
    return len(NAMES) + len(minions)


def lay_out(root: Path, name: str) -> None:
    """Write the missing files of one demo host."""
    for place, text in FILES.items():
        path = root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text(text.replace("{name}", name), encoding="utf-8")
