#!/usr/bin/env python3
"""Baton's command line."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def main() -> None:
    """Run a management command, in the project's own environment even when called by the system's Python."""
    own_python = ROOT / ".venv" / "bin" / "python"
    if own_python.exists() and Path(sys.prefix).resolve() != (ROOT / ".venv").resolve():
        os.execv(own_python, [str(own_python), *sys.argv])  # noqa: S606 (our own interpreter, no shell)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    own = os.environ.get("BATON_HOME") or ROOT / "var"
    if os.access(Path(own) / "executor.env", os.R_OK):  # `make run` keeps it there: a person at a terminal is both
        os.environ.setdefault("BATON_EXECUTOR_ENV_FILE", str(Path(own) / "executor.env"))
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Baton is not installed yet: run `make run` first.")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
