"""Where settings come from: the environment first, then the file that `make run` keeps in BATON_HOME."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def home() -> Path:
    """The data folder (BATON_HOME, default ./var), absolute."""
    return Path(os.environ.get("BATON_HOME") or ROOT / "var").resolve()


def env_file() -> Path:
    """The file of KEY=VALUE lines that fills in what the environment does not set."""
    return Path(os.environ.get("BATON_ENV_FILE") or home() / "baton.env")


def read_env_file(path: Path) -> dict[str, str]:
    """KEY=VALUE lines as a dict; blank lines and # comments are skipped. {} where there is no such file."""
    if not path.is_file():
        return {}
    pairs = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        key, separator, value = line.strip().partition("=")
        if separator and not key.startswith("#"):
            pairs[key.strip()] = value.strip()
    return pairs


def load() -> None:
    """Fill os.environ from the env file; what is already set wins."""
    for key, value in read_env_file(env_file()).items():
        os.environ.setdefault(key, value)
