# ruff: noqa: INP001 (modules for Ansible's own process, not a package)
# mypy: disable-error-code="import-untyped,import-not-found"
"""Mask the secrets of ansible-vault: every text decrypted from the action's folder is hidden (I24).

Runs inside ansible-playbook, where nothing of Baton can be imported.
"""

import re
from pathlib import Path

import yaml
from ansible.errors import AnsibleError

MASK = "********"
SECRET_MIN = 6
MARK = b"$ANSIBLE_VAULT;"
_BLOCK = re.compile(rb"[ \t]*\$ANSIBLE_VAULT;[^\r\n]+\r?\n(?:[ \t]*[0-9a-f]+\r?(?:\n|\Z))+")


class Masks:
    """The secret texts, which are masked in all output."""

    def __init__(self) -> None:
        self._pattern: re.Pattern[str] | None = None
        self._learnt = False

    def learn(self, loader) -> None:  # type: ignore[no-untyped-def]
        """Decrypt every vault in the playbook's folder, once; what cannot be decrypted is not shown anyway."""
        if self._learnt:
            return
        self._learnt = True
        self.add(text for block in vaults(Path(loader.get_basedir())) for text in _opened(loader, block))

    def add(self, texts) -> None:  # type: ignore[no-untyped-def]
        """Mask these texts, and every single line of a text with several lines."""
        lines = {line.strip() for text in texts for line in [text, *text.splitlines()]}
        secret = sorted((line for line in lines if len(line) >= SECRET_MIN), key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, secret))) if secret else None

    def apply(self, text: str) -> str:
        """The text with the secrets masked."""
        return self._pattern.sub(MASK, text) if self._pattern else text

    def within(self, value):  # type: ignore[no-untyped-def]
        """The same value, with the secrets masked in every text at any depth."""
        if isinstance(value, str):
            return self.apply(value)
        if isinstance(value, list):
            return [self.within(item) for item in value]
        if isinstance(value, dict):
            return {self.apply(str(key)): self.within(inner) for key, inner in value.items()}
        return value


MASKS = Masks()  # one per process: the log and the reports hide the same texts


def vaults(folder: Path):  # type: ignore[no-untyped-def]
    """Every encrypted file below the folder, and every encrypted value in a file."""
    for path in sorted(folder.rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        if MARK in data:
            for block in _BLOCK.findall(data):
                yield b"\n".join(line.strip() for line in block.splitlines()) + b"\n"


def _opened(loader, block: bytes):  # type: ignore[no-untyped-def]
    try:
        plain = loader._vault.decrypt(block).decode("utf-8", "replace")
    except AnsibleError:  # Ansible itself reports this if the playbook needs it
        return []
    try:
        return [plain, *_texts(yaml.safe_load(plain))]
    except yaml.YAMLError:
        return [plain]


def _texts(value):  # type: ignore[no-untyped-def]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [str(value)] if value is not None else []
