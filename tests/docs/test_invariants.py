"""docs/invariants.md is correct: every code has its line, and the named guards and tests exist."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "invariants.md"
LAST = {"I": 26, "A": 49, "F": 42}
FOLDERS = (
    "accounts", "automation", "bench", "common", "config", "demo", "devtools", "docs", "findings", "frontend/src",
    "notify", "reports", "sandbox", "templates_engine", "tests", "tickets",
)  # fmt: skip
KINDS = {".py", ".vue", ".ts", ".md", ".sql"}
CODE = re.compile(r"(?<![0-9A-Za-z])[IAF]\d{1,2}(?![0-9A-Za-z])")
CELL = re.compile(r"""(["'])[A-Z]\d+(:[A-Z]\d+)?\1""")  # "A2", 'A01:O3': places in a sheet
# What looks like a code and is none: paper, cells in formulas, a rack.
ALIKE = {
    "reports/workbook/table.py": {"A1", "A4"},
    "tests/automation/test_what_ran.py": {"A1"},
    "tests/hostile.py": {"A0"},
    "tests/automation/inventory/test_exchange.py": {"A0"},
    "tests/automation/inventory/test_formats.py": {"A1"},
    "tests/unit/test_yaml_reader.py": {"A1"},
}
ROW = re.compile(r"^\| ([IAF]\d\d) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
NAMED = re.compile(r"`([^`]+?)::([^`]+)`")
ROWS = {found[0]: found[1:] for found in ROW.findall(PAGE.read_text(encoding="utf-8"))}


def sources() -> Iterator[tuple[str, str]]:
    """(path, text) of everything that people write here and that may name a code."""
    paths = [*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))]
    for path in sorted(paths):
        if path.suffix in KINDS and "node_modules" not in path.parts:
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def codes_in(path: str, text: str) -> set[str]:
    return {*CODE.findall(CELL.sub("", text))} - ALIKE.get(path, set())


def test_every_code_that_is_named_has_its_line_and_two_digits() -> None:
    named = {path: codes_in(path, text) for path, text in sources()}
    assert len(set().union(*named.values())) > 100, "the pattern no longer finds them"
    assert {path: codes - ROWS.keys() for path, codes in named.items() if codes - ROWS.keys()} == {}


def test_no_code_is_left_out() -> None:
    assert list(ROWS) == [f"{kind}{number:02}" for kind, last in LAST.items() for number in range(1, last + 1)]


def test_what_looks_like_a_code_is_still_there() -> None:
    texts = dict(sources())
    assert {path for path, words in ALIKE.items() if not all(word in texts.get(path, "") for word in words)} == set()


@cache
def names_of(path: str) -> frozenset[str]:
    """Functions, classes, their methods and what is assigned in a module; the constraints and triggers it makes."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    found = set(_defined(tree.body, ""))
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "name" and isinstance(node.value, ast.Constant):
            found.add(str(node.value.value))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= set(re.findall(r"CREATE TRIGGER (\w+)", node.value))
    return frozenset(found)


def _defined(body: list[ast.stmt], place: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield place + node.name
            if isinstance(node, ast.ClassDef):
                yield from _defined(node.body, f"{place}{node.name}.")
        elif isinstance(node, ast.Assign):
            yield from (place + target.id for target in node.targets if isinstance(target, ast.Name))


def is_there(path: str, name: str) -> bool:
    if not (ROOT / path).is_file():
        return False
    return name.replace("::", ".") in names_of(path) if path.endswith(".py") else name in (ROOT / path).read_text()


@pytest.mark.parametrize("code", ROWS)
def test_its_guards_and_tests_are_there(code) -> None:
    _what, guards, tests = ROWS[code]
    named = [*NAMED.findall(guards), *NAMED.findall(tests)]
    assert [place for place in named if not is_there(*place)] == []
    assert [path for path, name in NAMED.findall(tests) if not (name.split("::")[-1].startswith("test_"))] == []
    assert [path for path, _name in NAMED.findall(guards) if path.startswith("tests/")] == []
    if code.startswith("I"):
        assert NAMED.findall(guards), "an invariant without a guard"
        assert NAMED.findall(tests), "an invariant without a test"
    assert NAMED.findall(tests) or "no test yet" in tests
