"""The `run:` section of an action for Ansible: which parts are run, and with which rights."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from automation.executors.ansible.playbook import check_playbook

PLAYBOOK = "playbook.yml"
VAULT_MARK = b"$ANSIBLE_VAULT;"
_FILE = {
    "type": "string",
    "maxLength": 200,
    "pattern": r"^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*\Z",
}
_TAG = {"type": "string", "maxLength": 64, "pattern": r"^[A-Za-z0-9_][A-Za-z0-9_.-]*\Z"}
_USER = {"type": "string", "maxLength": 32, "pattern": r"^[a-z_][a-z0-9_-]*\Z"}
_NAMES = {"type": "array", "items": _TAG, "uniqueItems": True, "maxItems": 50}
_SECTION = Draft202012Validator(
    {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "playbook": _FILE,
            "roles": _FILE,
            "tags": _NAMES,
            "skip_tags": _NAMES,
            "become": {
                "anyOf": [
                    {"const": False},
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {"user": _USER, "method": {"enum": ["sudo", "su"]}, "password": _TAG},
                    },
                ]
            },
            "login": _TAG,
            "vault": {"type": "array", "items": _FILE, "uniqueItems": True, "maxItems": 20},
            "forks": {"type": "integer", "minimum": 1, "maximum": 100},
        },
    }
)


@dataclass(frozen=True)
class Section:
    """playbook, roles: a file and a folder inside the action. become: whether to become another user if the host is not
    reached as that user already. become_password, login: names of password credentials, to become and to log in with.
    vault: encrypted variable files inside the action. forks: how many hosts at a time.
    """

    playbook: str = PLAYBOOK
    roles: str = "roles"
    tags: tuple[str, ...] = ()
    skip_tags: tuple[str, ...] = ()
    become: bool = True
    become_user: str = "root"
    become_method: str = "sudo"
    become_password: str = ""
    login: str = ""
    vault: tuple[str, ...] = ()
    forks: int = 10


def read_section(raw: dict[str, Any]) -> Section:
    """The section with its defaults filled in. Raises ValueError, in one line."""
    for error in _SECTION.iter_errors(raw):
        raise ValueError(f"run{''.join(f'.{part}' for part in error.absolute_path)}: {error.message}")
    become = raw.get("become", {})
    return Section(
        playbook=raw.get("playbook", PLAYBOOK),
        roles=raw.get("roles", "roles"),
        tags=tuple(raw.get("tags", ())),
        skip_tags=tuple(raw.get("skip_tags", ())),
        become=become is not False,
        **{f"become_{key}": value for key, value in (become or {}).items()},
        login=raw.get("login", ""),
        vault=tuple(raw.get("vault", ())),
        forks=raw.get("forks", 10),
    )


def check_section(raw: dict[str, Any], folder: Path) -> None:
    """Raises ValueError, in one line, if this action could not run because a part is missing or unreadable."""
    section = read_section(raw)
    if "roles" in raw and not (folder / section.roles).is_dir():
        raise ValueError(f"run.roles: there is no folder {section.roles}")
    for name in section.vault:
        file = folder / name
        if not file.is_file() or not file.read_bytes().startswith(VAULT_MARK):
            raise ValueError(f"run.vault: {name} is no file that ansible-vault encrypted")
    check_playbook(folder, section.playbook, section.roles)
