"""The action library: versions, refusals, the catalogue."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from django.utils.translation import override

from automation.actions.document import LibraryError, load_action
from automation.actions.files import content_version, read_files
from automation.actions.library import LIBRARY, shipped


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of one action, to be broken."""
    return Path(shutil.copytree(LIBRARY / "service.restart", tmp_path / "service.restart"))


def version_of(folder: Path) -> str:
    return content_version(read_files(folder))


def change(folder: Path, **keys) -> None:
    path = folder / "action.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | keys, allow_unicode=True))


def test_the_library_that_ships_is_sound_and_complete() -> None:
    assert set(shipped()) >= {
        "nginx.sync_config", "service.restart", "system.os_version", "system.last_logins", "system.log_tail",
        "user.grant_access", "dns.set_record", "database.run_change", "release.deploy", "release.rollback",
        "system.kernel_modules", "config.show", "config.sync", "package.install", "user.create", "user.remove",
        "file.distribute", "script.run",
    }  # fmt: skip
    for action in shipped().values():
        assert len(action.version) == 64
        assert action.info().needs_targets


def test_A29_no_playbook_uses_a_shell() -> None:
    for path in LIBRARY.glob("*/*.yml"):
        text = path.read_text()
        assert "lookup" not in text
        ours = {module.stem for module in path.parent.glob("library/*.py")}
        for task in tasks_in(yaml.safe_load(text)):
            module = next((key for key in task if key.startswith("ansible.") or key in ours), None)
            assert module, f"{path}: {task['name']} names its module in full"
            assert module not in {f"ansible.builtin.{name}" for name in ("shell", "raw", "script", "expect")}
            if module == "ansible.builtin.command":
                assert "argv" in task[module]
                assert set(task[module]) <= {"argv", "chdir", "stdin", "expand_argument_vars"}


def tasks_in(blocks: list[dict]) -> Iterator[dict]:
    for block in blocks:
        parts = [block[key] for key in ("tasks", "block", "rescue", "always") if key in block]
        if not parts:
            yield block
        for part in parts:
            yield from tasks_in(part)


def test_A29_any_change_of_any_file_is_another_version(folder: Path) -> None:
    versions = {version_of(folder)}
    (folder / "playbook.yml").write_text((folder / "playbook.yml").read_text() + " ")
    versions.add(version_of(folder))
    (folder / "extra").write_text("")
    versions.add(version_of(folder))
    (folder / "extra").rename(folder / "other")
    versions.add(version_of(folder))
    assert len(versions) == 4


def test_version_does_not_depend_on_the_place(folder: Path) -> None:
    assert version_of(folder) == version_of(LIBRARY / "service.restart")


def test_A29_a_link_in_an_action_is_refused(folder: Path) -> None:
    (folder / "link").symlink_to("/etc/passwd")
    with pytest.raises(LibraryError, match=r"service\.restart/action\.yaml: link is not a plain file"):
        load_action(folder)


LOOSE = {"type": "object", "additionalProperties": False, "properties": {"service": {"pattern": "x"}}}


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"risk": "medium"}, "risk: "),
        ({"surprise": 1}, "surprise: "),
        ({"key": "other.name"}, "key: must be 'service.restart', the name of its folder"),
        ({"params": {"type": "object"}}, "additionalProperties"),
        ({"params": LOOSE}, "must describe the whole value"),
        ({"labels": {"service": "x"}}, "labels: "),
        ({"executor": "puppet"}, "executor: "),
        ({"executor": "manual", "dry_run": "required"}, "dry_run: nothing of this executor can be foreseen"),
        ({"timeout_s": 0}, "timeout_s: "),
        ({"batch": "a few"}, "batch: must be a number"),
        ({"credentials": ["../key"]}, "credentials[0]: "),
        ({"usable_by": [{"team": "x"}]}, "usable_by[0]"),
        ({"run": {"become": "yes"}}, "run.become: "),
        ({"include": ["roles/x"]}, "include: is for repositories only"),
    ],
)
def test_a_broken_action_stops_the_start_with_one_line_that_names_it(folder: Path, keys, says) -> None:
    change(folder, **keys)
    with pytest.raises(SystemExit) as stopped, override("en"):
        load_action(folder)
    line = str(stopped.value)
    assert line.startswith("Action library: service.restart/action.yaml")
    assert says in line
    assert "\n" not in line


def test_broken_yaml_and_a_missing_playbook_stop_the_start(folder: Path) -> None:
    (folder / "playbook.yml").unlink()
    with pytest.raises(LibraryError, match=r"playbook\.yml"):
        load_action(folder)
    (folder / "action.yaml").write_text("key: [")
    with pytest.raises(LibraryError):
        load_action(folder)
