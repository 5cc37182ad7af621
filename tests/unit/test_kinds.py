"""Each node type and field type is complete: what CONTRIBUTING.md lists for a new one is there.

For kinds of events see TimelineList.test.ts of the web app.
"""

import json
import re
from pathlib import Path

import pytest

from templates_engine.compare.change_messages import WHAT
from templates_engine.fields import FIELD_TYPES
from templates_engine.nodes import NODE_TYPES
from tickets.engine.nodes import WALKERS

ROOT = Path(__file__).resolve().parents[2]
LOCALES = ROOT / "frontend/src/locales"
REGISTRY = (ROOT / "frontend/src/components/form/fields/registry.ts").read_text(encoding="utf-8")
MANUAL = (ROOT / "docs/templates.md").read_text(encoding="utf-8")
INNER = {"cases", "branches"}  # compared one by one, in words of their own


def words(file: str) -> dict:
    return json.loads((LOCALES / file).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NODE_TYPES)
def test_a_node_type_has_words_an_engine_and_a_line_in_the_manual(name) -> None:
    kind = NODE_TYPES[name]
    assert kind.name == name
    assert name in WALKERS
    assert {*kind.required, *kind.optional} - INNER - WHAT.keys() == set()
    assert all(words("nodeTypes.json")[name].values())
    assert f"`{name}`" in MANUAL


def test_only_the_join_is_walked_without_a_node_type() -> None:
    assert WALKERS.keys() - NODE_TYPES.keys() == {"join"}
    assert words("nodeTypes.json").keys() == WALKERS.keys()


@pytest.mark.parametrize("name", FIELD_TYPES)
def test_a_field_type_has_words_an_input_and_a_line_in_the_manual(name) -> None:
    kind = FIELD_TYPES[name]
    assert kind.name == name
    assert {*kind.limits} - WHAT.keys() == set()
    assert re.search(rf"^  {name}: ", REGISTRY, re.MULTILINE)
    assert f"`{name}`" in MANUAL


def test_what_is_wrong_is_said_by_one_constructor() -> None:
    """{path, code, message} is written as a literal nowhere else than in common/errors.py."""
    apps = ("accounts", "automation", "common", "notify", "reports", "templates_engine", "tickets")
    literal = re.compile(r"""\{\s*["']path["']:[^{}]*["']code["']:[^{}]*["']message["']:""")
    sources = [path for app in apps for path in (ROOT / app).rglob("*.py")]
    assert len(sources) > 300
    assert [str(path) for path in sources if literal.search(path.read_text(encoding="utf-8"))] == []
