"""The documents are correct: links work, the example is valid, all settings are listed."""

import re
from pathlib import Path

import pytest

from templates_engine.document.check import check_text
from templates_engine.language.directory import Directory
from templates_engine.ports import actions

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("sandbox/*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)|src=\"([^\"]+)\"")
READ = re.compile(r"(?:required|secret|parsed|at_least_one|env\.\w+|environ(?:\.get)?|matching|port|seconds|folder)"
                  r"\(?\[?(?:environ, )?\"([A-Z][A-Z_]{3,})\"")  # fmt: skip
READERS = sorted([
    *ROOT.glob("config/settings/*.py"), ROOT / "config/environment.py", *ROOT.glob("devtools/embedded/*.py"),
    *ROOT.glob("sandbox/*/settings.py"), ROOT / "tests/bench/__main__.py",
])  # fmt: skip


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    links = [first or second for first, second in LINK.findall(document.read_text(encoding="utf-8"))]
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("start", ["README.md", "README.zh-CN.md"])
def test_every_document_is_found_from_the_first_page(start) -> None:
    found, waiting = set(), [ROOT / start]
    while waiting:
        document = waiting.pop().resolve()
        if document in found or document.suffix != ".md":
            continue
        found.add(document)
        links = [first or second for first, second in LINK.findall(document.read_text(encoding="utf-8"))]
        waiting += [document.parent / link for link in links if "://" not in link]
    assert {path.name for path in DOCUMENTS if path not in found} - {"README.md", "README.zh-CN.md"} == set()


@pytest.mark.django_db
def test_the_example_of_the_template_guide_passes() -> None:
    text = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    checked = check_text(example, Directory(roles={"dba", "sre"}, departments={"dev"}), actions())
    assert [finding.render() for finding in checked.errors] == []


def test_the_example_of_the_guide_to_actions_passes() -> None:
    from automation.actions.action_check import read
    from automation.actions.shape import ACTION

    text = (ROOT / "docs" / "actions.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    playbook = b"- name: Restart\n  hosts: all\n  gather_facts: false\n  tasks: []\n"
    files = {"action.yaml": example.encode(), "playbooks/restart.yml": playbook}
    assert [str(finding) for finding in read(files, "acme.restart", "action.yaml")[1]] == []
    assert [key for key in ACTION["properties"] if f"`{key}`" not in text] == []


@pytest.mark.django_db
def test_the_template_guide_names_every_field_and_node_type() -> None:
    from templates_engine.fields import FIELD_TYPES
    from templates_engine.nodes import NODE_TYPES

    text = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    keys = {key for kind in FIELD_TYPES.values() for key in kind.limits}
    keys |= {key for kind in NODE_TYPES.values() for key in (*kind.required, *kind.optional)}
    assert {name for name in {*FIELD_TYPES, *NODE_TYPES, *keys, *actions().keys()} if f"`{name}`" not in text} == set()


def test_every_setting_that_is_read_is_documented() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    read = {name for path in READERS for name in READ.findall(path.read_text(encoding="utf-8"))}
    assert len(read) > 30, "the pattern no longer finds them"
    assert {name for name in read if f"`{name}`" not in text} == set()
