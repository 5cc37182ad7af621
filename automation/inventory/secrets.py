"""Which inventory variables are refused as secrets: secrets belong under credentials (I24)."""

import re
from typing import Any

from django.utils.translation import gettext as _

from common.errors import Problem, finding

SECRET_NAME = re.compile(
    r"(?:^|_)(?:pass|passwd|passwort|password|passphrase|pwd|secret|secrets|token|tokens|apikey|api_key|access_key"
    r"|secret_key|private_key|credential|credentials)(?:_|$)",
    re.IGNORECASE,
)
SECRET_VALUE = re.compile(r"\$ANSIBLE_VAULT;|-----BEGIN [A-Z0-9 ]*PRIVATE KEY")
NOT_SECRET = frozenset({"ansible_ssh_private_key_file", "ansible_private_key_file"})  # a path, not a key
# How Ansible would reach the host. Baton decides this itself, so these are ignored with a notice.
PASSED_OVER = NOT_SECRET | {
    "ansible_become", "ansible_become_method", "ansible_become_user", "ansible_python_interpreter",
    "ansible_shell_type", "ansible_sudo", "ansible_su",
}  # fmt: skip


def secret_fault(name: Any, value: Any, path: str) -> Problem | None:
    """Return a finding if this variable is a secret, by its name or by its content at any depth; otherwise None."""
    is_secret = isinstance(name, str) and SECRET_NAME.search(name) is not None and name not in NOT_SECRET
    if not is_secret and not _looks_secret(value):
        return None
    message = _("%(name)s is a secret. Keep it under credentials, and take it out of the inventory.")
    return finding(path, "secret", message % {"name": str(name)[:64]})


def _looks_secret(value: Any) -> bool:
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            if SECRET_VALUE.search(part):
                return True
        elif isinstance(part, dict):
            if any(isinstance(key, str) and SECRET_NAME.search(key) and key not in NOT_SECRET for key in part):
                return True
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return False
