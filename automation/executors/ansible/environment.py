"""The minimal environment of an Ansible run: nothing from the worker or its user."""

import os
import sys
from pathlib import Path

from django.conf import settings

from automation.executors.ansible.credentials import Access
from automation.executors.ansible.section import Section

CALLBACKS = Path(__file__).resolve().parent / "callback"
EVENTS_FD = "BATON_EVENTS_FD"
# The system's limit, less `/`, the name Ansible gives a socket, and the suffix ssh adds while it creates one.
SOCKET_FOLDER_MAX = 107 - 1 - 10 - 17


def environment(folder: Path, events_fd: int, section: Section, access: Access) -> dict[str, str]:
    """Environment variables for the run in this private folder, reporting to this descriptor. None is secret."""
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(folder),
        "TMPDIR": str(folder / "tmp"),
        "LANG": "C.UTF-8",
        "TZ": "UTC",  # otherwise a date that an action turns into a time would depend on the server's zone
        "PYTHONUNBUFFERED": "1",
        EVENTS_FD: str(events_fd),
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "ANSIBLE_COLLECTIONS_PATH": str(folder / "none"),
        "ANSIBLE_ROLES_PATH": str(folder / "playbook" / section.roles),
        "ANSIBLE_LIBRARY": str(folder / "none"),
        "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
        "ANSIBLE_CALLBACKS_ENABLED": "baton",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_STDOUT_CALLBACK": "baton_log",
        "ANSIBLE_MODULE_STRICT_UTF8_RESPONSE": "0",
        "ANSIBLE_INVENTORY_ENABLED": "yaml",
        "ANSIBLE_INVENTORY_UNPARSED_FAILED": "1",
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "ANSIBLE_RETRY_FILES_ENABLED": "0",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_FORKS": str(section.forks),
        "ANSIBLE_TIMEOUT": "15",
        **_ssh(folder, Path(settings.AUTOMATION_HOME) / "ssh", access),
    }


def _ssh(folder: Path, ours: Path, access: Access) -> dict[str, str]:
    """How ssh behaves: known hosts only, exactly one key, and a silent host is given up after a minute.

    `known_hosts`, and `id` if the action brings no key of its own, are in AUTOMATION_HOME/ssh. One connection per host
    serves all tasks if the folder's name leaves room for a socket. Pipelining stays off: with it, a command goes on
    after the run is stopped.
    """
    sockets = folder / "ssh"
    is_shared = len(os.fsencode(sockets)) <= SOCKET_FOLDER_MAX
    options = [
        *("-F", "/dev/null"),
        *(("-o", "ControlMaster=auto", "-o", "ControlPersist=60s") if is_shared else ("-o", "ControlMaster=no")),
        *("-o", "IdentitiesOnly=yes"),
        *("-o", "StrictHostKeyChecking=yes"),
        *("-o", "ServerAliveInterval=15"),
        *("-o", "ServerAliveCountMax=4"),
        *("-o", f"UserKnownHostsFile={ours / 'known_hosts'}"),
    ]
    if not access.has_password:
        options += ["-o", "BatchMode=yes"]  # never prompt, and so never wait for an answer
    key = access.key or ours / "id"
    named = {"ANSIBLE_PRIVATE_KEY_FILE": str(key)} if key.is_file() else {}
    return {
        "ANSIBLE_HOST_KEY_CHECKING": "1",
        "ANSIBLE_SSH_ARGS": " ".join(options),
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(sockets),
        "ANSIBLE_PIPELINING": "0",
        **named,
    }
