"""docs/architecture.md names files, functions and rooms that are there, and every room."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
APPS = ("accounts", "automation", "notify", "reports", "templates_engine", "tickets")
FOLDERS = (*APPS, "common", "config", "demo", "devtools", "sandbox", "tests")
CODE = [path.relative_to(ROOT).as_posix() for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")] + [
    "manage.py"
]
FILE = re.compile(r"`([\w/]+\.py)(?: ([\w.]+))?`")  # `engine/walk.py`, `commands/decide.py decide`
DOTTED = re.compile(r"`((?:\w+/)+\w+)\.(?!py\b|md\b|ts\b|vue\b|js\b|json\b|yaml\b)([\w.]+)`")  # `engine/walk.lock`
ENDS = {"api", "models", "states"}  # of every app: said in words
OTHERS = {"migrations", "management", "templates", "library", "__pycache__"}


def test_the_files_and_functions_are_there() -> None:
    named = [*FILE.findall(TEXT), *((f"{path}.py", name) for path, name in DOTTED.findall(TEXT))]
    assert len(named) > 100, "the patterns no longer find them"
    assert [(path, name) for path, name in named if not _is_there(path, name)] == []


def _is_there(path: str, name: str) -> bool:
    """Whether a file with this end of its path says this name."""
    found = [ROOT / known for known in CODE if f"/{known}".endswith(f"/{path}")]
    words = [rf"\b{word}\b" for word in name.split(".") if word]
    return any(all(re.search(word, file.read_text(encoding="utf-8")) for word in words) for file in found)


def test_every_room_is_told() -> None:
    for app in APPS:
        table = TEXT.partition(f"| `{app}/` | |")[2].partition("\n\n")[0]
        told = set(re.findall(r"`(\w+)/`", table)) | ENDS
        rooms = {path.name for path in (ROOT / app).iterdir() if path.is_dir()} - OTHERS
        assert rooms - told == set(), app
        assert told - ENDS - rooms == set(), app
