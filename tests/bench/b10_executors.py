"""B10: what our executors add to the tools themselves, a trivial function for Salt and a trivial playbook."""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from automation.executors.base import Order
from automation.models import Host
from sandbox.salt.files import Plan
from sandbox.salt.fleet import PROGRAMS, Fleet
from tests.automation.playing import play
from tests.bench.bed import Bed
from tests.house import free_ports, wait_for

PLAYBOOK = "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: Ping\n      ansible.builtin.ping:\n"
MINION = "salt-01"
Timed = Callable[[], object]


def run(bed: Bed) -> dict[str, Any]:
    """Medians of alternating passes, in seconds. added: by how much ours is slower."""
    folder = Path(tempfile.mkdtemp(prefix="baton-bench-"))
    passes = bed.pick(5, 15)
    try:
        return _figures("ansible", *_ansible(folder), passes) | _salt(folder, passes)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _figures(name: str, its: Timed, ours: Timed, passes: int) -> dict[str, Any]:
    """Median times of both; the first pass of each is a warm-up and not counted."""
    took: dict[Timed, list[float]] = {its: [], ours: []}
    for number in range(passes + 1):
        for act, found in took.items():
            began = time.perf_counter()
            act()
            if number:
                found.append(time.perf_counter() - began)
    alone, through = (statistics.median(found) for found in took.values())
    return {
        f"{name}_s": round(alone, 2),
        f"{name}_through_us_s": round(through, 2),
        f"{name}_added_s": round(through - alone, 2),
    }


def _done(order: Order) -> None:
    played = play(order)
    assert played.ending.exit_code == 0, played.text


def _ansible(folder: Path) -> tuple[Timed, Timed]:
    """`ansible-playbook`, and the same playbook as an action on a demonstration host."""
    from tests.salt.world import action

    what = action(folder, {"playbook": "play.yml"}, files={"play.yml": PLAYBOOK}, executor="ansible")
    host = Host.objects.filter(connection="local").values("name", "address", "connection")[0]
    command = [sys.executable, "-I", "-m", "ansible", "playbook", "-i", f"{host['name']},", "-c", "local"]
    (folder / "play.yml").write_text(PLAYBOOK)
    order = Order("CHG-1", 1, what, what.version, {}, [host])
    its = [*command, "-e", f"ansible_python_interpreter={sys.executable}", str(folder / "play.yml")]
    return (lambda: subprocess.run(its, check=True, capture_output=True)), (lambda: _done(order))


def _salt(folder: Path, passes: int) -> dict[str, Any]:
    """`salt`, and the same function as an action, on a minion of a Salt started for this."""
    from django.test import override_settings

    from tests.salt.conftest import present
    from tests.salt.world import action, targets

    fleet = Fleet(Plan(folder / "salt", free_ports(3), (MINION,)))
    fleet.start()
    try:
        wait_for(lambda: present(fleet, {MINION}) == {MINION}, "Salt with its minion", 90)
        what = action(folder, {"function": "test.ping"})
        order = Order("CHG-1", 1, what, what.version, {}, targets(MINION))
        command = [str(PROGRAMS / "salt"), "-c", str(fleet.plan.home / "master"), "-L", MINION, "test.ping"]
        with override_settings(**fleet.plan.environment()):
            its = lambda: subprocess.run(command, check=True, capture_output=True)  # noqa: E731
            return _figures("salt", its, lambda: _done(order), passes)
    finally:
        fleet.stop()
