"""Each node type, field type, channel and executor is complete: what CONTRIBUTING.md lists for a new one is there.

For kinds of events see TimelineList.test.ts of the web app.
"""

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db.migrations.loader import MigrationLoader

import notify.channels
from accounts.models import User
from automation import executors
from automation.actions.executors import ExecutorKind, kind_of
from automation.executors.base import Executor
from notify.models import Delivery
from notify.ports import CHANNELS, Carries, Channel
from templates_engine.compare.change_messages import WHAT
from templates_engine.fields import FIELD_TYPES
from templates_engine.nodes import NODE_TYPES
from tickets.engine.nodes import WALKERS

ROOT = Path(__file__).resolve().parents[2]
LOCALES = ROOT / "frontend/src/locales"
REGISTRY = (ROOT / "frontend/src/components/form/fields/registry.ts").read_text(encoding="utf-8")
ACTIONS = (ROOT / "docs/actions.md").read_text(encoding="utf-8")
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


def test_each_channel_is_in_the_table() -> None:
    files = sorted(path.stem for path in (ROOT / "notify/channels").glob("[a-z]*.py"))
    modules = [import_module(f"notify.channels.{name}") for name in files]
    written = [one for module in modules for one in vars(module).values() if isinstance(one, Channel)]
    assert {one.kind for one in written} == CHANNELS.keys() == {one.kind for one in notify.channels.ALL}
    assert len(written) == len(CHANNELS), "two channels have the same kind"


@pytest.mark.parametrize("channel", notify.channels.ALL, ids=lambda channel: channel.kind)
def test_a_channel_says_whom_it_reaches(channel) -> None:
    assert len(channel.kind) <= Delivery._meta.get_field("kind").max_length
    assert bool(channel.address) == (channel.carries is not Carries.NOTHING)
    assert not channel.address or User._meta.get_field(channel.address).concrete


def test_a_new_channel_needs_no_migration() -> None:
    state = MigrationLoader(None).project_state()
    assert state.models["notify", "delivery"].fields["kind"].choices is None


def test_each_executor_is_in_the_table() -> None:
    for path in (ROOT / "automation/executors").iterdir():
        if not path.name.startswith("_"):
            import_module(f"automation.executors.{path.stem}")
    assert set(Executor.__subclasses__()) == set(executors.ALL)
    assert len(executors.EXECUTORS) == len(executors.ALL), "two executors have the same name"


@pytest.mark.parametrize("executor", executors.ALL, ids=lambda executor: executor.name)
def test_an_executor_has_words_a_check_and_a_line_in_the_manual(executor) -> None:
    assert isinstance(kind_of(executor.name), executor)
    words_of: Any = executor.label
    assert all(words_of.get(language) for language in ("zh", "en"))
    assert executor.check_section is not ExecutorKind.check_section
    assert executor.start is not Executor.start
    assert executor.is_traced == (executor.look_up is not Executor.look_up)
    assert f"`{executor.name}`" in ACTIONS


def test_what_is_wrong_is_said_by_one_constructor() -> None:
    """{path, code, message} is written as a literal nowhere else than in common/errors.py."""
    apps = ("accounts", "automation", "common", "notify", "reports", "templates_engine", "tickets")
    literal = re.compile(r"""\{\s*["']path["']:[^{}]*["']code["']:[^{}]*["']message["']:""")
    sources = [path for app in apps for path in (ROOT / app).rglob("*.py")]
    assert len(sources) > 300
    assert [str(path) for path in sources if literal.search(path.read_text(encoding="utf-8"))] == []
