"""`make check`: everything that can be judged without running the product, each named, all of it run."""

import argparse
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from config import messages
from config.bootstrap import node_environment

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "frontend"
BIN = Path(sys.executable).parent
APPS = ["accounts", "templates_engine", "tickets", "automation", "notify", "reports", "config", "sandbox"]
# Enough for Django to load: the checks touch no database.
SETTINGS = {
    "BATON_SECRET_KEY": "check-only-" + "s" * 32,
    "BATON_AUDIT_KEY": "check-only-" + "a" * 32,
    "BATON_URL": "http://127.0.0.1:8000",
    "BROKER_URL": "memory://",
    "EMAIL_URL": "smtp://127.0.0.1:9",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:9/nothing",
    "BATON_ENV_FILE": os.devnull,
    "BATON_LOG_LEVEL": "CRITICAL",
}
Outcome = tuple[bool, str]


def command(*words: str, cwd: Path = ROOT, env: dict[str, str] | None = None) -> Outcome:
    """Whether a command succeeded, and what it said."""
    environment = {**(env or os.environ), **SETTINGS}
    done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    return done.returncode == 0, (done.stdout + done.stderr).strip()


def tool(name: str, *words: str) -> Callable[[], Outcome]:
    """A tool of the virtual environment."""
    return lambda: command(str(BIN / name), *words)


def npm(script: str) -> Callable[[], Outcome]:
    """A script of the web app."""
    return lambda: command("npm", "run", "--silent", script, cwd=WEB, env=node_environment())


def write_schema(folder: Path) -> Outcome:
    """schema.yaml and schema.d.ts, made anew in a folder."""
    schema, types = folder / "schema.yaml", folder / "schema.d.ts"
    made = command(sys.executable, "manage.py", "spectacular", "--fail-on-warn", "--file", str(schema))
    if not made[0]:
        return made
    return command(
        "npx", "--no-install", "openapi-typescript", str(schema), "-o", str(types), cwd=WEB, env=node_environment()
    )


def schema_is_current() -> Outcome:
    """The committed schema and client types are those of the code."""
    with tempfile.TemporaryDirectory() as folder:
        made = write_schema(Path(folder))
        if not made[0]:
            return made
        for name, committed in (("schema.yaml", WEB / "schema.yaml"), ("schema.d.ts", WEB / "src/api/schema.d.ts")):
            if not committed.is_file() or not filecmp.cmp(Path(folder) / name, committed, shallow=False):
                return False, f"{committed.relative_to(ROOT)} is not what the code says. Run: make schema"
    return True, ""


def update_schema() -> Outcome:
    """Write the schema and the client types into the web app."""
    with tempfile.TemporaryDirectory() as folder:
        made = write_schema(Path(folder))
        if made[0]:
            shutil.copy(Path(folder) / "schema.yaml", WEB / "schema.yaml")
            shutil.copy(Path(folder) / "schema.d.ts", WEB / "src/api/schema.d.ts")
        return made


def update_messages() -> Outcome:
    """Bring new texts into the Chinese catalogue and compile it."""
    messages.update(APPS)
    return True, ""


def messages_are_complete() -> Outcome:
    """Every text has its Chinese, none is left over, and the compiled form is current."""
    found = messages.problems(APPS)
    return not found, "\n".join([*found, "Run: make messages, then translate, then make messages"])


CHECKS: dict[str, Callable[[], Outcome]] = {
    "formatting (ruff)": tool("ruff", "format", "--check", "."),
    "lint (ruff)": tool("ruff", "check", "."),
    "types (mypy)": tool("mypy", *APPS),
    "import contracts": tool("lint-imports"),
    "migrations": lambda: command(sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"),
    "API schema": schema_is_current,
    "translations": messages_are_complete,
    "web: lint (eslint, prettier)": npm("lint"),
    "web: types (vue-tsc)": npm("typecheck"),
}


def main() -> None:
    """Run all checks, or write what one of them compares with."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--write-schema", action="store_true")
    parser.add_argument("--write-messages", action="store_true")
    asked = parser.parse_args()
    checks = CHECKS
    if asked.write_schema:
        checks = {"writing the API schema": update_schema}
    elif asked.write_messages:
        checks = {"writing the translations": update_messages}
    failed = 0
    for name, check in checks.items():
        began = time.monotonic()
        ok, said = check()
        failed += not ok
        sys.stdout.write(f"{'✓' if ok else '✕'} {name} ({time.monotonic() - began:.1f} s)\n")
        if not ok:
            sys.stdout.write("\n".join(f"    {line}" for line in said.splitlines()[-60:]) + "\n")
        sys.stdout.flush()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
