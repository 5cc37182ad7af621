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


def why_not_set() -> str:
    """What is wrong where a required setting has no value, and what to do: most often it is the wrong folder."""
    file, folder = env_file(), home()
    if file.is_file():
        return f"is not set, neither in the environment nor in {file}. Set it there"
    if os.environ.get("BATON_ENV_FILE"):
        return f"is not set, and BATON_ENV_FILE={file} is not there"
    what = "does not exist" if not folder.is_dir() else f"holds no {file.name}, so no Baton runs on it"
    return (
        f"is not set, and the data folder BATON_HOME={folder} {what}. Name your folder (BATON_HOME=/folder in front of "
        "the command), or start with `make run`, which fills in demo values"
    )


def load() -> None:
    """Fill os.environ from the env file; what is already set wins."""
    for key, value in read_env_file(env_file()).items():
        os.environ.setdefault(key, value)
