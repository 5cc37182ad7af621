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

from config.bootstrap import node_environment

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "frontend"
BIN = Path(sys.executable).parent
APPS = ["accounts", "templates_engine", "tickets", "automation", "notify", "reports", "config", "sandbox"]
CATALOG = ROOT / "config" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
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


def extract(target: Path) -> Outcome:
    """All texts of the Python code and mail templates, as a catalogue without translations."""
    mapping = ROOT / "config" / "locale" / "babel.cfg"
    words = ["extract", "--mapping", str(mapping), "--no-location", "--sort-output", "--omit-header"]
    keywords = ["-k", "gettext_lazy", "-k", "ngettext:1,2", "-k", "pgettext:1c,2"]
    return command(str(BIN / "pybabel"), *words, *keywords, "-o", str(target), *APPS)


def update_messages() -> Outcome:
    """Bring new texts into the Chinese catalogue and compile it."""
    with tempfile.TemporaryDirectory() as folder:
        found = extract(Path(folder) / "django.pot")
        if not found[0]:
            return found
        merge = ["update", "--no-fuzzy-matching", "--no-wrap", "--ignore-obsolete", "--omit-header"]
        places = ["-i", str(Path(folder) / "django.pot"), "-o", str(CATALOG), "-l", "zh_Hans"]
        merged = command(str(BIN / "pybabel"), *merge, *places)
        return merged if not merged[0] else compile_messages(CATALOG.with_suffix(".mo"))


def compile_messages(target: Path) -> Outcome:
    """The catalogue in the form that Django reads."""
    return command(str(BIN / "pybabel"), "compile", "-i", str(CATALOG), "-o", str(target), "-l", "zh_Hans")


def messages_are_complete() -> Outcome:
    """Every text has its Chinese, none is left over, and the compiled form is current."""
    from babel.messages.pofile import read_po

    with tempfile.TemporaryDirectory() as folder:
        template, compiled = Path(folder) / "django.pot", Path(folder) / "django.mo"
        found = extract(template)
        if not found[0]:
            return found
        with template.open("rb") as file:
            wanted = {message.id for message in read_po(file) if message.id}
        with CATALOG.open("rb") as file:
            done = {message.id: message for message in read_po(file, locale="zh_Hans") if message.id}
        missing = [
            f"no Chinese: {text}" for text in sorted(map(str, wanted - {k for k, m in done.items() if m.string}))
        ]
        left = [f"no longer used: {text}" for text in sorted(map(str, done.keys() - wanted))]
        broken = [f"{error}: {message.id}" for message in done.values() for error in message.check()]
        if missing or left or broken:
            return False, "\n".join([*missing, *left, *broken, "Run: make messages, then translate"])
        made = compile_messages(compiled)
        if not made[0] or not filecmp.cmp(compiled, CATALOG.with_suffix(".mo"), shallow=False):
            return False, "The compiled catalogue is old. Run: make messages"
    return True, ""


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
