"""Sources of settings: the environment first, then the file that `make run` keeps in BATON_HOME."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def home() -> Path:
    """The data folder (BATON_HOME, default ./var), absolute."""
    return Path(os.environ.get("BATON_HOME") or ROOT / "var").resolve()


# Secrets that only the executor needs: they give access to all hosts. The web refuses to start with any of them (B6).
EXECUTORS_OWN = (
    "BATON_CREDENTIAL_PRIVATE_KEYS",
    "BATON_VAULT_TOKEN",
    "BATON_VAULT_ROLE_ID",
    "BATON_VAULT_SECRET_ID",
    "SALT_API_PASSWORD",
)
EXECUTOR_FILE = "BATON_EXECUTOR_ENV_FILE"


def executor_env_file() -> Path | None:
    """The file of the executor's own settings (BATON_EXECUTOR_ENV_FILE); None in other processes."""
    named = os.environ.get(EXECUTOR_FILE)
    return Path(named) if named else None


def env_file() -> Path:
    """The file of KEY=VALUE lines for settings that the environment does not set."""
    return Path(os.environ.get("BATON_ENV_FILE") or home() / "baton.env")


def read_env_file(path: Path) -> dict[str, str]:
    """KEY=VALUE lines as a dict; blank lines and # comments are skipped. {} if the file does not exist."""
    if not path.is_file():
        return {}
    pairs = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        key, separator, value = line.strip().partition("=")
        if separator and not key.startswith("#"):
            pairs[key.strip()] = value.strip()
    return pairs


def why_not_set() -> str:
    """Why a required setting has no value, and what to do; the usual cause is a wrong folder."""
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
    """Fill os.environ from the executor's file, if any, and then the env file; values already set are kept."""
    for path in (executor_env_file(), env_file()):
        for key, value in (read_env_file(path) if path else {}).items():
            os.environ.setdefault(key, value)


def fleet_settings() -> list[str]:
    """The names of the executor's own settings that this process has."""
    return [name for name in EXECUTORS_OWN if os.environ.get(name)]
