"""The bare environment of an Ansible run: nothing of the worker's, nothing of its user's."""

import sys
from pathlib import Path

from django.conf import settings

CALLBACKS = Path(__file__).resolve().parent / "callback"
EVENTS_FD = "BATON_EVENTS_FD"


def environment(folder: Path, events_fd: int) -> dict[str, str]:
    """Variables for the run in this private folder, which reports to this file descriptor."""
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(folder),
        "TMPDIR": str(folder / "tmp"),
        "LANG": "C.UTF-8",
        "TZ": "UTC",  # or a day that an action makes a moment of is another one on a server in Shanghai
        "PYTHONUNBUFFERED": "1",
        EVENTS_FD: str(events_fd),
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "ANSIBLE_COLLECTIONS_PATH": str(folder / "none"),
        "ANSIBLE_ROLES_PATH": str(folder / "none"),
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
        "ANSIBLE_FORKS": "10",
        "ANSIBLE_TIMEOUT": "15",
        **_ssh(Path(settings.AUTOMATION_HOME) / "ssh"),
    }


def _ssh(folder: Path) -> dict[str, str]:
    """Fleet credentials: `id` (private key) and `known_hosts` in AUTOMATION_HOME/ssh, and no other."""
    options = [
        *("-F", "/dev/null"),
        *("-o", "BatchMode=yes"),
        *("-o", "ControlMaster=no"),
        *("-o", "IdentitiesOnly=yes"),
        *("-o", "StrictHostKeyChecking=yes"),
        *("-o", f"UserKnownHostsFile={folder / 'known_hosts'}"),
    ]
    key = {"ANSIBLE_PRIVATE_KEY_FILE": str(folder / "id")} if (folder / "id").is_file() else {}
    return {"ANSIBLE_HOST_KEY_CHECKING": "1", "ANSIBLE_SSH_ARGS": " ".join(options), **key}
