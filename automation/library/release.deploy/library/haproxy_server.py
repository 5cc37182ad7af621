# ruff: noqa: INP001 (a module for Ansible, not a package)
# mypy: disable-error-code="import-untyped"
"""Take one server of a haproxy backend out, or in again, through haproxy's admin socket on the same host."""

from __future__ import annotations

import csv
import socket
import time

from ansible.module_utils.basic import AnsibleModule

ANSWER_MAX = 4_000_000
TICK_S = 0.2


class Refused(Exception):
    """haproxy does not do it; what it said."""


def main() -> None:
    """Run as a module of Ansible's."""
    module = AnsibleModule(
        argument_spec={
            "socket": {"type": "path", "default": "/run/haproxy/admin.sock"},
            "backend": {"type": "str", "required": True},
            "server": {"type": "str", "required": True},
            "wanted": {"type": "str", "required": True, "choices": ["in", "out"]},
            "drain_s": {"type": "int", "default": 30},
        },
        supports_check_mode=True,
    )
    given = module.params
    name = f"{given['backend']}/{given['server']}"
    try:
        before = state(given)
        is_done = is_serving(before) if given["wanted"] == "in" else is_leaving(before)
        if not is_done and not module.check_mode:
            order(given["socket"], f"set server {name} state {'ready' if given['wanted'] == 'in' else 'drain'}")
            wait(given)
    except (OSError, Refused) as error:
        module.fail_json(msg=f"haproxy {name}: {error}")
    states = {"before": before["status"], "after": given["wanted"]}
    module.exit_json(changed=not is_done, diff={k: {"path": f"haproxy {name}", "state": v} for k, v in states.items()})


def is_serving(row) -> bool:  # type: ignore[no-untyped-def]
    """Whether visitors come to this server."""
    return bool(row["status"].startswith(("UP", "no check")))


def is_leaving(row) -> bool:  # type: ignore[no-untyped-def]
    """Whether it was told to take no new visitors. One that is down does not show it."""
    return bool(row["status"].startswith(("DRAIN", "MAINT")))


def wait(given) -> None:  # type: ignore[no-untyped-def]
    """Until it serves; or until it does not and nobody is left, but no longer than drain_s. Raises Refused."""
    deadline = time.monotonic() + given["drain_s"]
    while True:
        row = state(given)
        if given["wanted"] == "in" and is_serving(row):
            return
        if given["wanted"] == "out" and not is_serving(row) and row["scur"] == "0":
            return
        if time.monotonic() > deadline:
            if given["wanted"] == "out":
                return  # who does not leave by himself is cut off by the restart
            raise Refused(f"it does not come up: {row['status']} {row.get('last_chk', '')}")
        time.sleep(TICK_S)


def state(given) -> dict[str, str]:  # type: ignore[no-untyped-def]
    """The server's row of `show stat`. Raises Refused where there is none."""
    lines = order(given["socket"], "show stat").lstrip("# ").splitlines()
    for row in csv.DictReader(lines):
        if (row["pxname"], row["svname"]) == (given["backend"], given["server"]):
            return row
    raise Refused("there is no such server")


def order(path: str, command: str) -> str:
    """Say one command; the answer. Raises Refused where `set` answers with words."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(path)
        connection.sendall(command.encode() + b"\n")
        answer = b""
        while (piece := connection.recv(65536)) and len(answer) < ANSWER_MAX:
            answer += piece
    text = answer.decode("utf-8", "replace").strip()
    if command.startswith("set ") and text:
        raise Refused(text)
    return text


if __name__ == "__main__":
    main()
