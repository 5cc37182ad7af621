"""Dry runs on real minions: what they predict, what they cannot, and that they change nothing."""

import pytest

from automation.executors.salt import SaltExecutor
from automation.executors.salt.secrecy import HIDDEN
from automation.states import Outcome
from tests.salt.world import PARAM, action, dry, follow, order

pytestmark = pytest.mark.services

STATES = """
Open:
  file.managed: [{name: {$join: [{$param: root}, /open]}}, {contents: {$param: text}}, {mode: "0644"}]
Private:
  file.managed: [{name: {$join: [{$param: root}, /private]}}, {contents: {$param: text}}, {mode: "0600"}]
Nowhere:
  file.managed: [{name: {$join: [{$param: root}, /missing/file]}}, {contents: x}, {mode: "0644"}]
Command:
  cmd.run: [{name: "touch ran"}, {cwd: {$param: root}}]
Guarded:
  test.nop: [{onlyif: "touch /tmp/$$; rm /tmp/$$"}]
"""


def test_a_dry_run_foresees_files_and_says_what_it_cannot_foresee(fleet, tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "open").write_text("before\n")
    (root / "private").write_text("old secret\n")
    (root / "private").chmod(0o600)
    what = action(tmp_path, {"state": "states.yaml"}, STATES, params={"root": PARAM, "text": PARAM})
    asked = dry(what, "salt-01", params={"root": str(root), "text": "after"}, key="foreseen")
    run = follow(asked)
    assert run.verdict(asked).outcome == Outcome.OK, run.text
    assert run.of("salt-01").changed
    assert (root / "open").read_text() == "before\n"
    assert sorted(path.name for path in root.iterdir()) == ["open", "private"]
    diffs = {diff.path: diff.text for diff in run.diffs}
    assert "-before" in diffs[f"{root}/open"]
    assert "+after" in diffs[f"{root}/open"]
    assert diffs[f"{root}/private"] == HIDDEN
    assert "old secret" not in run.text
    notes = [note for host, note in run.unforeseen if host == "host-salt-01"]
    assert f"Nowhere: the folder {root}/missing is not there" in notes
    assert "Command: what the command does" in notes
    assert "Guarded: onlyif was really run" in notes
    assert SaltExecutor().look_up(asked)["host-salt-01"].changed


def test_the_real_run_of_what_was_foreseen_fails_where_the_folder_is_missing(fleet, tmp_path):
    what = action(tmp_path, {"state": "states.yaml"}, STATES, params={"root": PARAM, "text": PARAM})
    asked = order(what, "salt-01", params={"root": str(tmp_path), "text": "after"})
    run = follow(asked)
    assert run.verdict(asked).outcome == Outcome.FAILED
    assert "Nowhere: Parent directory not present" in run.of("salt-01").message
    assert (tmp_path / "open").read_text() == "after\n"


def test_a_function_is_not_run_dry(fleet, tmp_path):
    path = tmp_path / "touched"
    what = action(tmp_path, {"function": "file.touch", "kwarg": {"name": str(path)}})
    asked = dry(what, "salt-01")
    run = follow(asked)
    assert run.unforeseen == [("host-salt-01", "file.touch: a function has no dry run")]
    assert run.verdict(asked).outcome == Outcome.OK
    assert not path.exists()


def test_an_answer_that_does_not_say_test_is_none_of_a_dry_run(fleet, tmp_path, monkeypatch):
    from automation.executors.host_words import RAN_FOR_REAL
    from automation.executors.salt import drive
    from automation.executors.salt.client import Request

    real = Request

    def without_test(*given, is_test, **more):  # as if the key had been misspelt
        return real(*given, **more)

    monkeypatch.setattr(drive, "Request", lambda *given, **more: without_test(*given, **{"is_test": False} | more))
    asked = dry(action(tmp_path, {"state": "states.yaml"}, "A:\n  test.nop: []\n"), "salt-01")
    run = follow(asked)
    assert (run.of("salt-01").status, run.of("salt-01").message) == ("failed", RAN_FOR_REAL)
