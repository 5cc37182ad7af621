"""A command without settings names the folder, not only a key; every command reads the settings first."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FILES = ROOT.glob("[a-z]*/management/commands/[a-z]*.py")
COMMANDS = sorted(path.stem for path in FILES)


def said(*words: str, **environment: str) -> str:
    """The one line with which a command ends that has no settings."""
    clean = {key: value for key, value in os.environ.items() if key in ("PATH", "LANG")}
    done = subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env={**clean, **environment}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()
    return line


def test_a_folder_that_does_not_exist_is_named(tmp_path) -> None:
    line = said("audit", "verify", BATON_HOME=str(tmp_path / "none"))
    assert f"BATON_HOME={tmp_path / 'none'} does not exist" in line
    assert line.startswith("Setting BATON_SECRET_KEY: is not set")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_of_no_baton_is_named_by_every_command(tmp_path, command) -> None:
    assert f"BATON_HOME={tmp_path} holds no baton.env" in said(command, BATON_HOME=str(tmp_path))


def test_a_file_that_lacks_a_setting_is_named(tmp_path) -> None:
    (tmp_path / "baton.env").write_text("BATON_URL=http://127.0.0.1\n")
    assert f"nor in {tmp_path / 'baton.env'}" in said("audit", "verify", BATON_HOME=str(tmp_path))


def test_a_missing_env_file_is_named(tmp_path) -> None:
    line = said("doctor", BATON_HOME=str(tmp_path), BATON_ENV_FILE=str(tmp_path / "x.env"))
    assert f"BATON_ENV_FILE={tmp_path / 'x.env'} is not there" in line
