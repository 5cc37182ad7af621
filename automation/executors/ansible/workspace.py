"""The private folder of one attempt: new each time, readable only by its owner, removed afterwards."""

import json
import re
import shutil
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from automation.actions.document import materialise
from automation.executors.ansible.credentials import Access, hand_in
from automation.executors.ansible.section import Section, read_section
from automation.executors.ansible.unsafe import wrap
from automation.executors.base import Order, Refused
from automation.inventory.names import is_address, is_host_name, is_user
from automation.models.host import Connection
from tickets.models.content import Target

SYSTEM_PYTHON = "/usr/bin/python3"  # a fixed one, independent of the account's shell profile
LIMIT = "limit.txt"
# How often Ansible looks for results, in seconds; no environment variable sets it. Its default, 0.001, costs 3 % of a
# core while a run only waits.
CONFIG = "[defaults]\ninternal_poll_interval = 0.01\n"
LONGEST_S = 2 * 86400
USUAL = Section()
REACH = re.compile(r"(?P<user>[^@]+)@(?:\[(?P<six>[^\]]+)\]|(?P<address>[^:\[\]]+)):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True)
class Workspace:
    """The folder, the action's section, the log-in, and each host's file system root (host → folder)."""

    folder: Path
    section: Section
    access: Access
    roots: dict[str, str]


def prepare(order: Order) -> Workspace:
    """Create a folder with the approved playbook, targets and values. Raises Refused and then leaves nothing behind."""
    runs = Path(settings.AUTOMATION_HOME) / "runs"
    tidy(runs)
    folder = runs / uuid.uuid4().hex
    folder.mkdir(mode=0o700, parents=True)
    try:
        return _fill(folder, order)
    except (ValueError, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise Refused(str(error)) from error
    except Refused:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def tidy(runs: Path) -> None:
    """Remove what a crash of the machine left behind: folders older than the longest possible run."""
    for folder in runs.iterdir() if runs.is_dir() else ():
        try:
            is_old = time.time() - folder.stat().st_mtime > LONGEST_S
        except FileNotFoundError:
            continue
        if is_old:
            shutil.rmtree(folder, ignore_errors=True)


def _fill(folder: Path, order: Order) -> Workspace:
    (folder / "tmp").mkdir(mode=0o700)
    (folder / "ansible.cfg").touch(mode=0o600)
    (folder / "ansible.cfg").write_text(CONFIG, encoding="utf-8")
    if order.action.version != order.version:
        raise ValueError("The action has changed since it was approved.")
    materialise(order.action, folder / "playbook")
    known = {target["name"]: target for target in (*order.plan_hosts, *order.targets)}
    roots = {name: root_of(target) for name, target in known.items()}
    values = {"number": order.number, "attempt": order.attempt, "params": order.params}
    ticket = wrap(values) | {"roots": {name: wrap(root) for name, root in roots.items()}}
    _write(folder / "ticket.json", {"ticket": ticket})
    section = read_section(order.action.run)
    hosts = {name: connection_of(target, section) for name, target in known.items()}
    _write(folder / "inventory.json", {"all": {"hosts": hosts}})
    (folder / LIMIT).write_text("".join(f"{target['name']}\n" for target in order.targets), encoding="utf-8")
    return Workspace(folder, section, hand_in(order, section, folder), roots)


def root_of(target: Target) -> str:
    """Where a demonstration host's file system begins; "" for a real host."""
    if target["connection"] != Connection.LOCAL:
        return ""
    return str(Path(settings.HOME) / "hosts" / target["name"])


def connection_of(target: Target, section: Section = USUAL) -> dict[str, Any]:
    """Ansible's variables of one approved target. Raises ValueError if any part could mean more."""
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
        "ansible_become": section.become and match["user"] != section.become_user,
        "ansible_become_user": section.become_user,
        "ansible_become_method": section.become_method,
        "ansible_python_interpreter": SYSTEM_PYTHON,
    }


def _write(path: Path, value: Any) -> None:
    path.touch(mode=0o600)
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
