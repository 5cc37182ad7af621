"""What the documents say is so: links lead somewhere, the example passes, no setting is left out."""

import re
from pathlib import Path

import pytest

from templates_engine.directory import Directory
from templates_engine.document import check_text
from templates_engine.ports import actions

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("sandbox/*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)|src=\"([^\"]+)\"")
READ = re.compile(r"(?:required|secret|parsed|at_least_one|env\.\w+|environ(?:\.get)?|matching|port|seconds|folder)"
                  r"\(?\[?(?:environ, )?\"([A-Z][A-Z_]{3,})\"")  # fmt: skip
READERS = ["config/settings.py", "config/environment.py", "config/run.py", "config/embedded/environment.py",
           "sandbox/wecom/settings.py", "sandbox/mailbox/settings.py", "tests/bench/__main__.py"]  # fmt: skip


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    links = [first or second for first, second in LINK.findall(document.read_text(encoding="utf-8"))]
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (document.parent / link).exists()] == []


def test_the_example_of_the_template_guide_passes() -> None:
    text = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    checked = check_text(example, Directory(roles={"dba", "sre"}, departments={"dev"}), actions())
    assert [finding.render() for finding in checked.errors] == []


def test_the_template_guide_names_every_field_and_node_type() -> None:
    from templates_engine.fields import FIELD_TYPES
    from templates_engine.nodes import NODE_TYPES

    text = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    keys = {key for kind in FIELD_TYPES.values() for key in kind.limits}
    keys |= {key for kind in NODE_TYPES.values() for key in (*kind.required, *kind.optional)}
    assert {name for name in {*FIELD_TYPES, *NODE_TYPES, *keys, *actions().keys()} if f"`{name}`" not in text} == set()


def test_every_setting_that_is_read_is_documented() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    read = {name for path in READERS for name in READ.findall((ROOT / path).read_text(encoding="utf-8"))}
    assert len(read) > 30, "the pattern no longer finds them"
    assert {name for name in read if f"`{name}`" not in text} == set()
