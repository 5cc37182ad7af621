"""Actions from a folder or git repository: all or nothing; nothing in it is executed or leads elsewhere (A29)."""

import os
import subprocess
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from accounts.models import AdminEvent, User
from automation.actions import git, sync
from automation.actions.library import library
from automation.actions.source_tree import SourceUnusable
from automation.errors import NoActionsSource
from automation.models import ActionSync, ActionVersion

pytestmark = pytest.mark.django_db
PLAYBOOK = "- name: Run\n  hosts: all\n  gather_facts: false\n  tasks: []\n"
ACTION = """\
name: {zh: 重启, en: Restart}
executor: ansible
risk: low
params:
  - {key: service, type: text, label: Service, required: true, pattern: "^[a-z]+$"}
"""


@pytest.fixture(autouse=True)
def _quiet(monkeypatch) -> None:
    monkeypatch.setattr("common.doorbell.ring", lambda *what: None)


class Team:
    """A team's working folder, with git where it asks for it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("actions/acme.restart/action.yaml", ACTION)
        self.write("actions/acme.restart/playbook.yml", PLAYBOOK)

    def write(self, name: str, text: str | bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def git(self, *words: str) -> str:
        who = ["-c", "user.name=Team", "-c", "user.email=team@example.com", "-c", "protocol.file.allow=always"]
        done = subprocess.run(["git", *who, *words], cwd=self.root, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self) -> str:
        if not (self.root / ".git").exists():
            self.git("init", "--quiet", "--initial-branch=main")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "More")
        return self.git("rev-parse", "HEAD")

    def said(self, ref: str = "HEAD") -> list[str]:
        with override("en"):
            return [str(finding) for finding in sync.inspect(str(self.root), ref).findings]


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path / "team")


def test_a_folder_is_read_as_it_is_now(team) -> None:
    seen = sync.inspect(str(team.root), "HEAD")
    assert (seen.findings, seen.commit) == ([], "")
    [action] = seen.actions
    assert (action.key, action.risk, sorted(action.files)) == ("acme.restart", "low", ["action.yaml", "playbook.yml"])


def test_a_repository_is_pinned_by_its_commit_and_not_by_what_lies_beside(team) -> None:
    first = team.commit()
    team.write("actions/acme.restart/playbook.yml", PLAYBOOK + "# not committed\n")
    seen = sync.inspect(str(team.root), "HEAD")
    assert (seen.findings, seen.commit) == ([], first)
    assert seen.actions[0].files["playbook.yml"] == PLAYBOOK.encode()
    second = team.commit()
    team.git("tag", "v1", first)
    assert sync.inspect(str(team.root), "main").commit == second
    assert sync.inspect(str(team.root), "v1").commit == first
    assert sync.inspect(str(team.root), first).commit == first


def test_a_bare_repository_works_as_well(team, tmp_path) -> None:
    commit = team.commit()
    team.git("clone", "--quiet", "--bare", ".", str(tmp_path / "team.git"))
    assert sync.inspect(str(tmp_path / "team.git"), "HEAD").commit == commit
    assert sync.inspect(f"file://{tmp_path}/team.git", "main").commit == commit


def test_playbooks_and_roles_beside_the_actions_are_included(team) -> None:
    team.write("playbooks/site.yml", PLAYBOOK)
    team.write("roles/web/tasks/main.yml", "[]\n")
    team.write("roles/db/tasks/main.yml", "[]\n")
    team.write(
        "actions/acme.site/action.yaml",
        ACTION + "include: [playbooks/site.yml, roles/web]\nrun: {playbook: playbooks/site.yml}\n",
    )
    team.commit()
    seen = sync.inspect(str(team.root), "HEAD")
    assert seen.findings == []
    site = next(action for action in seen.actions if action.key == "acme.site")
    assert sorted(site.files) == ["action.yaml", "playbooks/site.yml", "roles/web/tasks/main.yml"]
    before = site.version
    team.write("roles/web/tasks/main.yml", "[ ]\n")
    team.commit()
    again = sync.inspect(str(team.root), "HEAD")
    assert next(action for action in again.actions if action.key == "acme.site").version != before


def test_new_versions_are_kept_and_wait_for_their_release(team) -> None:
    commit = team.commit()
    call_command("actions", "sync", str(team.root))
    row = ActionVersion.objects.get(key="acme.restart")
    assert (row.state, row.commit, row.source) == ("new", commit, str(team.root))
    assert library().action("acme.restart") is None
    call_command("actions", "sync", str(team.root))
    assert ActionVersion.objects.filter(key="acme.restart").count() == 1


def test_I25_what_came_and_who_had_it_looked_for_stands_in_the_trail_of_administration(team, settings) -> None:
    settings.ACTIONS_SOURCE = str(team.root)
    commit, asker = team.commit(), User.objects.create(username="erin", name="Erin")
    for _twice in range(2):
        sync.perform(sync.ask(asker).pk)
    [act] = AdminEvent.objects.filter(kind="actions.found")
    version = ActionVersion.objects.get(key="acme.restart").version
    assert (act.actor, act.data["source"], act.data["commit"]) == (asker, str(team.root), commit)
    assert act.data["versions"] == [{"key": "acme.restart", "version": version}]


def test_one_mistake_refuses_everything_and_all_are_named(team, capsys) -> None:
    team.write("actions/acme.second/action.yaml", ACTION.replace("risk: low", "risk: wild"))
    team.write("actions/acme.second/playbook.yml", PLAYBOOK)
    team.write("actions/acme.third/action.yaml", "name: [")
    team.commit()
    with override("en"), pytest.raises(SystemExit) as ended:
        call_command("actions", "sync", str(team.root))
    assert ended.value.code == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("actions/acme.second/action.yaml:3 risk: ")
    assert lines[1].startswith("actions/acme.third/action.yaml:")
    assert not ActionVersion.objects.filter(key__startswith="acme.").exists()


def test_check_stores_nothing(team, capsys) -> None:
    call_command("actions", "check", str(team.root))
    assert capsys.readouterr().out == "OK: 1 actions\n"
    assert not ActionVersion.objects.filter(key="acme.restart").exists()


@pytest.mark.parametrize("kind", ["folder", "repository"])
def test_A29_a_link_is_refused_and_never_followed(team, kind) -> None:
    (team.root / "actions/acme.restart/extra").symlink_to("/etc/passwd")
    (team.root / "roles").symlink_to("/etc")
    if kind == "repository":
        team.commit()
    assert team.said() == ["actions/acme.restart/extra: is a link: put the file itself there"]
    (team.root / "actions/acme.restart/extra").unlink()
    team.write("actions/acme.restart/action.yaml", ACTION + "include: [roles]\n")
    if kind == "repository":
        team.commit()
    assert team.said() == ["roles: is a link: put the file itself there"]


def test_A29_a_linked_folder_of_actions_is_none(team, tmp_path) -> None:
    (tmp_path / "elsewhere").mkdir()
    Team(tmp_path / "elsewhere" / "team")
    (team.root / "actions/acme.far").symlink_to(tmp_path / "elsewhere/team/actions/acme.restart")
    seen = sync.inspect(str(team.root), "HEAD")
    assert [action.key for action in seen.actions] == ["acme.restart"]


def test_A29_a_submodule_is_not_fetched(team, tmp_path) -> None:
    other = Team(tmp_path / "other")
    other.commit()
    team.commit()
    team.git("submodule", "--quiet", "add", str(other.root), "actions/acme.restart/role")
    team.commit()
    assert team.said() == ["actions/acme.restart/role: is a submodule: put the files themselves there"]


def test_A29_nothing_of_a_repository_runs(team, tmp_path) -> None:
    trap = tmp_path / "sprung"
    team.write(".gitattributes", "* filter=evil diff=evil text eol=crlf\n")
    team.commit()
    for hook in ("post-checkout", "reference-transaction", "post-upload-pack", "pre-auto-gc", "post-index-change"):
        path = team.root / ".git/hooks" / hook
        path.write_text(f"#!/bin/sh\ntouch {trap}\n")
        path.chmod(0o755)
    for name in ("filter.evil.smudge", "core.fsmonitor", "uploadpack.packObjectsHook", "core.sshCommand"):
        team.git("config", name, f"touch {trap}")
    seen = sync.inspect(str(team.root), "HEAD")
    assert seen.findings == []
    assert seen.actions[0].files["playbook.yml"] == PLAYBOOK.encode()  # no filter changed a byte
    assert not trap.exists()


def test_A29_paths_of_a_made_up_tree_are_refused(team) -> None:
    team.commit()
    blob = team.git("hash-object", "-w", "actions/acme.restart/playbook.yml")
    tree = subprocess.run(
        ["git", "mktree", "-z"], cwd=team.root, check=True, capture_output=True,
        input=f"100644 blob {blob}\tnew\nline\x00100644 blob {blob}\tback\\slash\0".encode(),
    ).stdout.decode().strip()  # fmt: skip
    team.git("read-tree", "--prefix=actions/acme.restart/odd/", tree)
    team.git("commit", "--quiet", "--message", "Odd")
    said = team.said()
    assert len(said) == 2
    assert all("cannot be the path of a file" in line for line in said)


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("actions/acme.restart/big", b"x" * (2 * 1024 * 1024 + 1), "is larger than 2 MB"),
        ("actions/Acme/action.yaml", ACTION.encode(), "a key looks like acme.restart"),
        ("actions/lone/action.yaml", ACTION.encode(), "a key looks like acme.restart"),
        ("actions/acme.restart.yaml", ACTION.encode(), "an action is a folder"),
        ("actions/acme.other/readme", b"", "the file is missing"),
        ("actions/acme.other/action.yaml", b"a: &a [*a]\n", "anchors"),
        ("actions/acme.other/action.yaml", b"a: !!python/object/apply:os.system [id]\n", "tags"),
        ("actions/acme.other/action.yaml", b"a: {<<: {b: 1}}\n", "merge"),
        ("actions/acme.other/action.yaml", b"[" * 5000, "too deep"),
        ("actions/acme.other/action.yaml", b"\xff\xfe", "UTF-8"),
        ("actions/acme.other/action.yaml", ACTION.encode() + b"include: [../secret]\n", "cannot be the path"),
        ("actions/acme.other/action.yaml", ACTION.encode() + b"include: [/etc/passwd]\n", "cannot be the path"),
        ("actions/acme.other/action.yaml", ACTION.encode() + b"include: [nothing]\n", "no such file or folder"),
        ("actions/acme.other/action.yaml", ACTION.encode() + b"include: [actions/acme.restart]\n", "outside actions/"),
        ("actions/acme.other/action.yaml", ACTION.encode() + b"include: [.git/config]\n", "belongs to git"),
        ("actions/acme.other/action.yaml", ACTION.encode() + b"usable_by: [{role: nobody}]\n", "no role nobody"),
    ],
)
def test_A29_hostile_and_mistaken_files_are_named(team, name, data, what) -> None:
    team.write(name, data)
    if name.endswith("acme.other/action.yaml"):
        team.write("actions/acme.other/playbook.yml", PLAYBOOK)
    said = team.said()
    assert any(what in line for line in said), said
    team.commit()
    assert team.said() == said


def test_a_folder_without_actions_says_so(tmp_path) -> None:
    with override("en"):
        [found] = map(str, sync.inspect(str(tmp_path), "HEAD").findings)
    assert found == "actions: there is no folder actions/ with an action in it"


@pytest.mark.parametrize(
    "source", ["relative/path", "ext::sh -c id", "--upload-pack=id", "http://example.com/x", "git://example.com/x",
               "-oProxyCommand=id:x", "file://host/x", "/tmp/a b"]
)  # fmt: skip
def test_A40_other_protocols_and_options_are_no_address(source) -> None:
    with pytest.raises(SourceUnusable):
        sync.inspect(source, "HEAD")


@pytest.mark.parametrize("ref", ["--upload-pack=id", "a..b", "", "-", "a b", "a:b", "+x", "^x"])
def test_A29_a_ref_is_a_name_and_no_option(team, ref) -> None:
    team.commit()
    with pytest.raises(SourceUnusable, match="no name of a branch"):
        sync.inspect(str(team.root), ref)


def test_a_ref_that_is_not_there_and_a_dead_address_say_why(team) -> None:
    team.commit()
    with pytest.raises(SourceUnusable, match="missing"):
        sync.inspect(str(team.root), "missing")
    with pytest.raises(SourceUnusable, match="not there"):
        sync.inspect("/nowhere/at/all", "HEAD")
    with pytest.raises(SourceUnusable) as told:
        sync.inspect("https://user:hunter2@127.0.0.1:9/x.git", "HEAD")
    assert "hunter2" not in str(told.value)
    assert git.shown("https://user:hunter2@git.example.com:8443/x.git") == "https://git.example.com:8443/x.git"


def test_I24_git_sees_nothing_of_the_workers_environment(team, tmp_path, monkeypatch) -> None:
    team.commit()
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "global"))
    (tmp_path / "global").write_text("[core]\n\thooksPath = /tmp\n[protocol]\n\tallow = always\n")
    assert sync.inspect(str(team.root), "HEAD").findings == []
    assert not {"BATON_AUDIT_KEY", "DATABASE_URL", "GIT_DIR"} & git._environment(tmp_path).keys()


def test_a_huge_repository_is_given_up(team, monkeypatch) -> None:
    team.write("data/random", os.urandom(300_000))
    team.commit()
    monkeypatch.setattr(git, "GIT_FILE_MAX", 100_000)
    with pytest.raises(SourceUnusable):
        sync.inspect(str(team.root), "HEAD")
    monkeypatch.undo()
    monkeypatch.setattr(git, "PATIENCE_S", 0)
    with pytest.raises(SourceUnusable, match="took longer"):
        sync.inspect(str(team.root), "HEAD")


def test_a_look_that_was_asked_for_is_done_once_and_says_what_it_found(team, settings) -> None:
    with pytest.raises(NoActionsSource):
        sync.ask(None)
    settings.ACTIONS_SOURCE = str(team.root)
    commit = team.commit()
    row = sync.ask(None)
    assert sync.ask(None) == row
    done = sync.perform(row.pk)
    assert done is not None
    assert (done.state, done.commit, done.found, done.findings) == ("done", commit, 1, [])
    assert [each["key"] for each in done.fresh] == ["acme.restart"]
    assert sync.perform(row.pk) is None
    team.write("actions/acme.restart/action.yaml", "name: [")
    team.commit()
    refused = sync.perform(sync.ask(None).pk)
    assert refused is not None
    assert (refused.state, refused.findings[0]["file"]) == ("refused", "actions/acme.restart/action.yaml")
    settings.ACTIONS_SOURCE = "/nowhere/at/all"
    failed = sync.perform(sync.ask(None).pk)
    assert failed is not None
    assert (failed.state, failed.findings[0]["what"]) == ("failed", "/nowhere/at/all is not there")
    assert ActionSync.objects.count() == 3


def test_no_source_is_said_on_the_command_line() -> None:
    with pytest.raises(CommandError, match="BATON_ACTIONS_SOURCE"):
        call_command("actions", "sync")
