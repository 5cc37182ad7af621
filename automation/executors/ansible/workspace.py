"""The private folder of one attempt: a fresh one each time, readable by nobody else, gone afterwards."""

import json
import re
import shutil
import sys
import time
import uuid
from pathlib import Path
from typing import Any

from django.conf import settings

from automation.executors.ansible.unsafe import wrap
from automation.executors.base import Order, Refused
from automation.inventory.names import is_address, is_host_name, is_user
from automation.models.host import Connection
from automation.registry import content_version
from tickets.models.content import Target

SYSTEM_PYTHON = "/usr/bin/python3"  # not whichever the account's shell profile puts first
LONGEST_S = 2 * 86400
REACH = re.compile(r"(?P<user>[^@]+)@(?:\[(?P<six>[^\]]+)\]|(?P<address>[^:\[\]]+)):(?P<port>[0-9]{1,5})")


def prepare(order: Order) -> Path:
    """A folder with the playbook as approved, the targets and the values. Raises Refused, leaving nothing."""
    runs = Path(settings.AUTOMATION_HOME) / "runs"
    tidy(runs)
    folder = runs / uuid.uuid4().hex
    folder.mkdir(mode=0o700, parents=True)
    try:
        _fill(folder, order)
    except (ValueError, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise Refused(str(error)) from error
    return folder


def tidy(runs: Path) -> None:
    """Remove what a crash of the whole machine left behind: folders older than any run may last."""
    for folder in runs.iterdir() if runs.is_dir() else ():
        try:
            is_old = time.time() - folder.stat().st_mtime > LONGEST_S
        except FileNotFoundError:
            continue
        if is_old:
            shutil.rmtree(folder, ignore_errors=True)


def _fill(folder: Path, order: Order) -> None:
    (folder / "tmp").mkdir(mode=0o700)
    (folder / "ansible.cfg").touch(mode=0o600)
    shutil.copytree(order.action.folder, folder / "playbook", symlinks=True)
    if content_version(folder / "playbook") != order.version:  # the copy is judged: it is what will run (A29)
        raise ValueError("The action has changed since it was approved.")
    roots = {target["name"]: root_of(target) for target in order.targets}
    values = {"number": order.number, "attempt": order.attempt, "params": order.params}
    ticket = wrap(values) | {"roots": {name: wrap(root) for name, root in roots.items()}}
    _write(folder / "ticket.json", {"ticket": ticket})
    hosts = {target["name"]: connection_of(target) for target in order.targets}
    _write(folder / "inventory.json", {"all": {"hosts": hosts}})


def root_of(target: Target) -> str:
    """Where a demonstration host's file system begins; "" for a real one."""
    if target["connection"] != Connection.LOCAL:
        return ""
    return str(Path(settings.HOME) / "hosts" / target["name"])


def connection_of(target: Target) -> dict[str, Any]:
    """Ansible's variables of one frozen target. Raises ValueError where anything in it could mean more."""
    if not is_host_name(target["name"]):
        raise ValueError(f"{target['name']!r} is not the name of one host.")
    if target["connection"] == Connection.LOCAL:
        return {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    match = REACH.fullmatch(target["address"])
    address = match and (match["six"] or match["address"])
    if match is None or not is_address(address) or not is_user(match["user"]):
        raise ValueError(f"{target['address']!r} is not the way to a host.")
    return {
        "ansible_connection": "ssh",
        "ansible_host": address,
        "ansible_port": int(match["port"]),
        "ansible_user": match["user"],
        "ansible_become": match["user"] != "root",
        "ansible_python_interpreter": SYSTEM_PYTHON,
    }


def _write(path: Path, value: Any) -> None:
    path.touch(mode=0o600)
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
