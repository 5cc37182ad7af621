"""`make advisories` asks about all locked packages, and a missing answer is an error."""

from devtools import checks

LOCKS = {path.stem for path in (checks.ROOT / "requirements").glob("*.txt")}


def test_every_lock_file_is_asked_about(monkeypatch) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(checks, "command", lambda *words, **_where: asked.append(words) or (True, ""))
    for ask in checks.ADVISORIES.values():
        ask()
    python = [words for words in asked if words[0].endswith("pip-audit")]
    assert {words[-1] for words in python} == {f"requirements/{lock}.txt" for lock in LOCKS}
    assert all("--strict" in words for words in python)
    assert ("npm", "audit") in asked
