"""The tree of tests stays easy to read: a folder is about an app or a kind, a file about one topic, and short."""

from pathlib import Path

from devtools.checks import APPS

ROOT = Path(__file__).resolve().parents[2]
KINDS = {"api", "bench", "docs", "e2e", "faults", "model", "property", "races", "salt", "unit"}
MOST_LINES = 400


def test_a_folder_says_the_app_or_the_kind() -> None:
    folders = {path.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").glob("*/**/*.py")}
    assert folders - {*APPS} == KINDS
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert [kind for kind in sorted(KINDS) if f"`{kind}`" not in text] == []


def test_no_test_file_is_long() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / "tests").rglob("*.py")
    }
    assert len(lengths) > 300, "the pattern no longer finds them"
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}
