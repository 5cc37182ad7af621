"""`make check` runs every check and fails if one does."""

import threading

from devtools.checks import run


def test_one_that_fails_stops_no_other_and_decides(capsys) -> None:
    assert run({"a": lambda: (True, "quiet")})
    assert not run({"bad": lambda: (False, "first\nsecond"), "good": lambda: (True, "quiet")})
    said = capsys.readouterr().out
    assert "✕ bad" in said
    assert "    first\n    second\n" in said
    assert "✓ good" in said
    assert "quiet" not in said


def test_they_run_side_by_side(monkeypatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    both = threading.Barrier(2, timeout=20)
    assert run(dict.fromkeys(("one", "other"), lambda: (both.wait() >= 0, "")))
