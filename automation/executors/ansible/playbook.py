"""Check a playbook before it runs. Ansible ignores some mistakes silently; this check reports them."""

from pathlib import Path
from typing import Any

import yaml

EVERYBODY = "all"


class _Reader(yaml.SafeLoader):
    """Reads plain data; values with a tag of Ansible's (`!vault`, `!unsafe`) are skipped."""


_Reader.add_multi_constructor("!", lambda _loader, _tag, _node: None)


def check_playbook(folder: Path, name: str, roles: str) -> None:
    """Raises ValueError, in one line: playbook missing, other hosts than `all`, or a role or variables file missing."""
    for number, play in enumerate(_plays(folder, name), 1):
        where = f"{name}: play {number}"
        if "import_playbook" in play or "ansible.builtin.import_playbook" in play:
            raise ValueError(f"{where}: write the plays into one file; import_playbook is not followed")
        if play.get("hosts") != EVERYBODY:
            raise ValueError(f"{where}: hosts must be `{EVERYBODY}`: the approved hosts, and no others")
        for entry in _listed(play.get("vars_files")):
            _check_files(folder / name, entry, where)
        for role in _listed(play.get("roles")):
            called = role.get("role", role.get("name")) if isinstance(role, dict) else role
            if not isinstance(called, str) or not (folder / roles / called).is_dir():
                raise ValueError(f"{where}: there is no role {called!r} in the folder {roles}")


def _plays(folder: Path, name: str) -> list[dict[str, Any]]:
    try:
        plays = yaml.load((folder / name).read_bytes(), _Reader)  # noqa: S506 (a safe loader)
    except FileNotFoundError:
        raise ValueError(f"{name} is missing beside it") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}:" if mark else ""
        raise ValueError(f"{name}:{line} {getattr(error, 'problem', None) or 'cannot be read'}") from None
    if not isinstance(plays, list) or not plays or not all(isinstance(play, dict) for play in plays):
        raise ValueError(f"{name}: must be a list of plays")
    return plays


def _check_files(playbook: Path, entry: Any, where: str) -> None:
    """One entry of vars_files: a file, or a list from which Ansible takes the first that exists."""
    names = _listed(entry)
    for file in names:
        if not isinstance(file, str) or "{{" in file:
            raise ValueError(f"{where}: vars_files must name its files plainly")
    if not any((playbook.parent / file).is_file() for file in names):
        raise ValueError(f"{where}: the vars_files {' or '.join(names)} are missing")


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
