"""Loaded before Django: a temporary PostgreSQL for this test session, and settings for it.

`-p tests.plugin` in pyproject.toml loads it first. With xdist only the controller starts the server; the workers
inherit its address. If DATABASE_URL is set in the environment, it is used instead.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

DEFAULTS = {
    "BATON_SECRET_KEY": "test-only-secret-key-" + "s" * 24,
    "BATON_AUDIT_KEY": "test-only-audit-key-" + "a" * 24,
    "BATON_URL": "http://127.0.0.1:8000",
    "BROKER_URL": "memory://",
    "EMAIL_URL": "smtp://127.0.0.1:9",
    "WECOM_CORP_ID": "ww0123456789abcdef",
    "WECOM_AGENT_ID": "1000002",
    "WECOM_SECRET": "test-only-wecom-secret",
    "WECOM_TOKEN": "SandboxToken2024",
    "WECOM_AES_KEY": "LocalSandboxOnlyKey0123456789abcdefghijklmA",
    "WECOM_API_BASE": "http://127.0.0.1:9",
    "WECOM_OAUTH_BASE": "http://127.0.0.1:9",
    "WECOM_LOGIN_BASE": "http://127.0.0.1:9",
    "BATON_LOG_LEVEL": "WARNING",
    "BATON_DB_POOL": "70",
}
_cleanup: list[Callable[[], object]] = []


def _start() -> None:
    home = Path(tempfile.mkdtemp(prefix="baton-test-"))
    home.chmod(0o755)
    os.environ["BATON_HOME"] = str(home)
    os.environ["BATON_ENV_FILE"] = str(home / "none.env")
    _cleanup.append(lambda: shutil.rmtree(home, ignore_errors=True))
    if "DATABASE_URL" not in os.environ:
        from devtools.embedded.postgres import Postgres

        server = Postgres(home / "postgres", throwaway=True)
        os.environ["DATABASE_URL"] = server.start()
        _cleanup.append(server.stop)


# Hundreds of Python processes start during the tests. Each would compile every module anew where the machine says so.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
for _key, _value in DEFAULTS.items():
    os.environ[_key] = _value
if "PYTEST_XDIST_WORKER" not in os.environ:
    _start()
elif "BATON_HOME" in os.environ:  # a data folder per worker, because each has its own database
    _home = Path(os.environ["BATON_HOME"]) / os.environ["PYTEST_XDIST_WORKER"]
    _home.mkdir()
    os.environ["BATON_HOME"] = str(_home)


def pytest_unconfigure() -> None:
    """Stop what was started, the newest first."""
    while _cleanup:
        _cleanup.pop()()
