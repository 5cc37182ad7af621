"""`make check`: all static checks side by side, each with its name; all run even if one fails."""

import argparse
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from devtools import messages
from devtools.bootstrap import node_environment

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "frontend"
BIN = Path(sys.executable).parent
APPS = [
    "accounts",
    "templates_engine",
    "tickets",
    "automation",
    "notify",
    "reports",
    "config",
    "demo",
    "common",
    "devtools",
    "sandbox",
]
# Enough for Django to load: the checks use no database.
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
    """Run a command; return whether it succeeded, and its output."""
    environment = {**(env or os.environ), **SETTINGS}
    done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    return done.returncode == 0, (done.stdout + done.stderr).strip()


def tool(name: str, *words: str) -> Callable[[], Outcome]:
    """A check by a tool of the virtual environment."""
    return lambda: command(str(BIN / name), *words)


def npm(script: str) -> Callable[[], Outcome]:
    """A check by an npm script of the web app."""
    return lambda: command("npm", "run", "--silent", script, cwd=WEB, env=node_environment())


def write_schema(folder: Path) -> Outcome:
    """Generate schema.yaml and schema.d.ts in a folder."""
    schema, types = folder / "schema.yaml", folder / "schema.d.ts"
    made = command(sys.executable, "manage.py", "spectacular", "--fail-on-warn", "--file", str(schema))
    if not made[0]:
        return made
    return command(
        "npx", "--no-install", "openapi-typescript", str(schema), "-o", str(types), cwd=WEB, env=node_environment()
    )


def schema_is_current() -> Outcome:
    """Check that the committed schema and client types match the code."""
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
    """Add new texts to the Chinese catalogue and compile it."""
    messages.update(APPS)
    return True, ""


def messages_are_complete() -> Outcome:
    """Check that all texts are translated, none is unused, and the compiled form is current."""
    found = messages.problems(APPS)
    return not found, "\n".join([*found, "Run: make messages, then translate, then make messages"])


# They begin in this order: the long ones first, so that none runs alone at the end.
CHECKS: dict[str, Callable[[], Outcome]] = {
    "types (mypy)": tool("mypy", *APPS, "tests"),
    "web: types (vue-tsc)": npm("typecheck"),
    "web: lint (eslint, prettier)": npm("lint"),
    "formatting (ruff)": tool("ruff", "format", "--check", "."),
    "lint (ruff)": tool("ruff", "check", "."),
    "import contracts": tool("lint-imports"),
    "migrations": lambda: command(sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"),
    "API schema": schema_is_current,
    "translations": messages_are_complete,
}
LOCKS = ("base", "dev", "uv", "node", "salt", "spiff")
# A package that is not found there, or a failed request, counts as a failure, never as "no known weakness".
AUDIT = ("-s", "osv", "--strict", "--require-hashes", "--disable-pip", "--progress-spinner", "off", "-r")
ADVISORIES: dict[str, Callable[[], Outcome]] = {
    **{f"known weaknesses of {lock}.txt": tool("pip-audit", *AUDIT, f"requirements/{lock}.txt") for lock in LOCKS},
    "known weaknesses of the web app": lambda: command("npm", "audit", cwd=WEB, env=node_environment()),
}


def run(checks: dict[str, Callable[[], Outcome]]) -> bool:
    """Run these checks side by side and report each as it ends; return whether all succeeded."""
    succeeded = True
    with ThreadPoolExecutor(os.cpu_count()) as cores:
        started = [cores.submit(timed, name, check) for name, check in checks.items()]
        for one in as_completed(started):
            name, ok, said, took_s = one.result()
            succeeded &= ok
            sys.stdout.write(f"{'✓' if ok else '✕'} {name} ({took_s:.1f} s)\n")
            if not ok:
                sys.stdout.write("\n".join(f"    {line}" for line in said.splitlines()[-60:]) + "\n")
            sys.stdout.flush()
    return succeeded


def timed(name: str, check: Callable[[], Outcome]) -> tuple[str, bool, str, float]:
    """Run one check; return its name, whether it succeeded, its output, and the seconds it took."""
    began = time.monotonic()
    ok, said = check()
    return name, ok, said, time.monotonic() - began


def main() -> None:
    """Run all checks, write the schema or the messages, or look up advisories."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--write-schema", action="store_true")
    parser.add_argument("--write-messages", action="store_true")
    parser.add_argument("--advisories", action="store_true")
    asked = parser.parse_args()
    checks = CHECKS
    if asked.write_schema:
        checks = {"writing the API schema": update_schema}
    elif asked.write_messages:
        checks = {"writing the translations": update_messages}
    elif asked.advisories:
        checks = ADVISORIES
    sys.exit(0 if run(checks) else 1)


if __name__ == "__main__":
    main()
