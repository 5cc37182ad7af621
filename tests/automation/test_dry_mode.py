"""A dry run changes nothing and reports what would change; a real run reports changes. No secrets in either (I24)."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from automation.actions.document import Action, load_action
from automation.executors.ansible import AnsibleExecutor
from automation.executors.base import Mode, Order, Refused
from tests.automation.playing import Played, play
from tickets.models.content import Target

pytestmark = pytest.mark.services
TARGET: Target = {"name": "demo-01", "address": "hosts/demo-01", "connection": "local"}
API_KEY, LINES = "k3y-of-the-vault", "first-secret-line\nsecond-secret-line"
VAULT = {"vault": {"password": "open sesame {{ 7*7 }}"}}
WORD = "词 {{ 7*7 }}"


@pytest.fixture
def action(tmp_path: Path) -> Action:
    """test.changes with a file of variables that ansible-vault encrypted."""
    folder = tmp_path / "test.changes"
    shutil.copytree(Path(__file__).parent / "library/test.changes", folder)
    vault = VaultLib([("default", VaultSecret(VAULT["vault"]["password"].encode()))])
    (folder / "secrets.yml").write_bytes(vault.encrypt(f"api_key: {API_KEY}\nlines: {LINES!r}\n".replace("'", '"')))
    return load_action(folder)


@pytest.fixture
def root(home: Path) -> Path:
    """A demonstration host with some files."""
    etc = home / "hosts/demo-01/etc"
    etc.mkdir(parents=True)
    for name, mode in (
        ("public", 0o644),
        ("kept", 0o600),
        ("lines", 0o640),
        ("public-lines", 0o644),
        ("os-release", 0o644),
    ):
        (etc / name).write_text(f"old {name}\n")
        (etc / name).chmod(mode)
    return etc.parent


def run(action: Action, mode: Mode) -> Played:
    params = {"word": WORD}
    return play(Order("T-1", 1, action, action.version, params, [TARGET], mode=mode, key="k", credentials=VAULT))


def state_of(root: Path) -> dict[str, Any]:
    return {str(path): (path.read_bytes(), path.stat().st_mode) for path in root.rglob("*") if path.is_file()}


def test_a_dry_run_foresees_and_touches_nothing(action: Action, root: Path) -> None:
    before = state_of(root)
    played = run(action, Mode.CHECK)
    assert played.results["demo-01"].status == "changed", played.text
    assert state_of(root) == before
    shown = {diff.path: diff.text for diff in played.diffs}
    assert "-old public\n+new 词 {{ 7*7 }}\n" in shown["/etc/public"]
    assert "+new public line" in shown["/etc/public-lines"]
    assert {place for place, text in shown.items() if "keeps others out" in text} == {
        "/etc/private",
        "/etc/kept",
        "/etc/lines",
    }
    assert "key=********" in shown["/etc/vaulted"]
    assert "/etc/hidden" not in shown
    steps = [f"Command for {WORD}", "Commands that make files", "Commands that make files"]
    assert played.unforeseen == [("demo-01", step) for step in steps]
    everything = played.text + repr(played.diffs) + repr(played.outputs)
    for secret in (
        API_KEY,
        "secret-line",
        "new private",
        "new kept",
        "old kept",
        "new hidden",
        "of lines",
        "open sesame",
    ):
        assert secret not in everything
    assert str(root) not in repr(played.diffs)
    assert played.outputs == {"demo-01": {"word": WORD, "count": 3, "key": "********"}}


def test_a_real_run_says_what_it_changed(action: Action, root: Path) -> None:
    played = run(action, Mode.RUN)
    assert played.results["demo-01"].status == "changed", played.text
    assert (root / "etc/public").read_text() == f"new {WORD}\n"
    assert f"key={API_KEY}" in (root / "etc/vaulted").read_text()
    shown = {diff.path: diff.text for diff in played.diffs}
    assert "-old public\n+new 词 {{ 7*7 }}\n" in shown["/etc/public"]
    assert shown[f"Command for {WORD}"] == "changed\n"
    assert played.unforeseen == []
    everything = played.text + repr(played.diffs)
    for secret in (API_KEY, "secret-line", "new private", "new kept", "old kept", "new hidden", "of lines"):
        assert secret not in everything
    named = [line for line in played.text.splitlines() if "it is ********" in line]
    assert [line.startswith("demo-01 | Show the vaulted value | ") for line in named] == [True]


def test_an_action_with_a_vault_is_refused_without_its_password(action: Action, root: Path) -> None:
    order = Order("T-1", 1, action, action.version, {"word": "x"}, [TARGET])
    with pytest.raises(Refused, match="no vault password is among its credentials"):
        AnsibleExecutor().start(order)
    assert not list((root.parent.parent / "automation/runs").iterdir())
