"""The `run:` section of Ansible actions: what is allowed, and what is refused before anything runs."""

from pathlib import Path

import pytest

from automation.executors.ansible.credentials import Access
from automation.executors.ansible.execution import arguments_of
from automation.executors.ansible.inside.baton_reasons import reason
from automation.executors.ansible.inside.baton_text import one_line
from automation.executors.ansible.section import Section, check_section, read_section
from automation.executors.ansible.workspace import Workspace, connection_of
from automation.executors.base import Mode

PLAY = "- {hosts: all, tasks: []}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "playbook.yml").write_text(PLAY)
    (tmp_path / "roles/web/tasks").mkdir(parents=True)
    (tmp_path / "vars").mkdir()
    (tmp_path / "vars/plain.yml").write_text("a: 1\n")
    (tmp_path / "vars/secret.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n00\n")
    return tmp_path


def test_what_a_section_may_say(folder: Path) -> None:
    (folder / "site.yml").write_text(
        "- hosts: all\n  vars_files: [vars/plain.yml, [vars/none.yml, vars/plain.yml]]\n"
        "  vars: {a: !vault x, b: !unsafe '{{ y }}'}\n  roles: [web, {role: web}]\n"
    )
    raw = {
        "playbook": "site.yml",
        "roles": "roles",
        "tags": ["a", "b"],
        "skip_tags": ["c"],
        "become": {"user": "www-data", "method": "su", "password": "sudo"},
        "login": "ssh",
        "vault": ["vars/secret.yml"],
        "forks": 3,
    }
    check_section(raw, folder)
    section = read_section(raw)
    assert section == Section(
        *("site.yml", "roles", ("a", "b"), ("c",), True, "www-data", "su", "sudo", "ssh", ("vars/secret.yml",), 3)
    )
    arguments = arguments_of(Workspace(folder, section, Access(["--vault-password-file", "v"]), {}), Mode.CHECK)
    assert arguments == [
        *(
            "-i",
            "inventory.json",
            "--limit=@limit.txt",
            "-e",
            "@playbook/vars/secret.yml",
            "-e",
            "@ticket.json",
            "--diff",
            "--check",
        ),
        *("--tags=a,b", "--skip-tags=c", "--vault-password-file", "v", "playbook/site.yml"),
    ]
    way = connection_of({"name": "web-01", "address": "www@10.0.0.1:22", "connection": "ssh"}, section)
    assert (way["ansible_become"], way["ansible_become_user"], way["ansible_become_method"]) == (True, "www-data", "su")


def test_an_empty_section_is_the_usual() -> None:
    assert read_section({}) == Section()
    assert not read_section({"become": False}).become


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ({"module": "shell"}, "run: Additional properties"),
        ({"playbook": "../other.yml"}, "run.playbook"),
        ({"playbook": "/etc/passwd"}, "run.playbook"),
        ({"playbook": "none.yml"}, "none.yml is missing"),
        ({"roles": "parts"}, "no folder parts"),
        ({"tags": ["a,b"]}, "run.tags.0"),
        ({"tags": ["--become"]}, "run.tags.0"),
        ({"become": {"method": "doas"}}, "run.become"),
        ({"become": {"user": "-u"}}, "run.become"),
        ({"vault": ["vars/plain.yml"]}, "no file that ansible-vault encrypted"),
        ({"vault": ["vars/none.yml"]}, "no file that ansible-vault encrypted"),
        ({"forks": 0}, "run.forks"),
        ({"forks": True}, "run.forks"),
    ],
)
def test_A29_what_a_section_may_not_say(folder: Path, raw: dict, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_section(raw, folder)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- {hosts: all, vars_files: [vars/none.yml]}", "play 1: the vars_files vars/none.yml are missing"),
        ("- {hosts: all}\n- {hosts: all, vars_files: [[a.yml, b.yml]]}", "play 2: the vars_files a.yml or b.yml"),
        ("- {hosts: all, vars_files: ['{{ x }}.yml']}", "must name its files plainly"),
        ("- {hosts: web}", "hosts must be `all`"),
        ("- {hosts: localhost}", "hosts must be `all`"),
        ("- {hosts: '{{ ticket.params.hosts }}'}", "hosts must be `all`"),
        ("- {import_playbook: other.yml}", "import_playbook is not followed"),
        ("- {hosts: all, roles: [db]}", "there is no role 'db' in the folder roles"),
        ("a: 1", "must be a list of plays"),
        ("[", "playbook.yml: line 2:"),
        ("- &a {hosts: all, x: [}", "playbook.yml: line 1:"),
        ("- {hosts: all, vars: {a: !!python/object:os.system x}}", "playbook.yml: line 1:"),
    ],
)
def test_a_playbook_that_could_not_do_what_it_says_is_refused(folder: Path, text: str, reason: str) -> None:
    (folder / "playbook.yml").write_text(text + "\n")
    with pytest.raises(ValueError, match=reason):
        check_section({}, folder)


def test_every_action_that_ships_stands_up_to_it() -> None:
    from automation.actions.library import LIBRARY, shipped

    for action in shipped().values():
        if action.executor == "ansible":
            check_section(action.run, LIBRARY / action.key)


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (
            {"msg": "non-zero return code", "rc": 2, "stderr": "a\nno space\n\n", "stdout": "x"},
            "a\nno space (exit code 2)",
        ),
        ({"msg": "Command exited with a code", "rc": 7, "stderr": "", "stdout": "only out"}, "only out (exit code 7)"),
        ({"msg": "non-zero return code", "rc": 1}, "non-zero return code (exit code 1)"),
        (
            {"msg": "MODULE FAILURE", "rc": 1, "module_stderr": "Traceback\nKeyError: 'x'"},
            "Traceback\nKeyError: 'x' (exit code 1)",
        ),
        ({"msg": "It leads out."}, "It leads out."),
        (
            {"msg": "E: not found", "rc": 100, "stderr": "E: Unable to locate package x"},
            "E: Unable to locate package x (exit code 100)",
        ),
        (
            {
                "msg": "One or more items failed",
                "results": [
                    {"item": "ok"},
                    {"item": "b", "_ansible_item_label": "B", "failed": True, "msg": "no", "rc": 1, "stderr": "why"},
                    {"item": "token", "failed": True, "censored": "hidden by no_log"},
                ],
            },
            "B: why (exit code 1); (hidden): The reason is hidden: this step works with secrets.",
        ),
        ({"censored": "hidden by no_log"}, "The reason is hidden: this step works with secrets."),
        ({}, ""),
    ],
)
def test_F29_a_failed_host_says_why(result: dict, said: str) -> None:
    assert reason(result) == said


def test_A35_a_name_is_one_line_and_parts_nothing() -> None:
    assert one_line("a\nweb-02 | Restart | ok\u2028b") == "a web-02 / Restart / ok b"
    assert len(one_line("x" * 500)) == 100


@pytest.mark.parametrize(
    ("mode", "is_private"),
    [
        *[("0600", True), ("0400", True), (0o640, True), ("u=rw,g=r,o=", True), ("u=rw", True), ("go-rwx", True)],
        *[("0644", False), (0o755, False), ("u=rw,go=r", False), ("a+r", False), ("=r", False), ("o+r", False)],
    ],
)
def test_I24_which_modes_keep_others_out(mode, is_private) -> None:
    from automation.executors.ansible.inside.baton_private import keeps_others_out

    assert keeps_others_out(mode) is is_private
