"""The demo templates: at least eight, complete in both languages, loadable into an empty database and again."""

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest

from demo import SALT_TEMPLATES, TEMPLATES, in_order, load
from templates_engine.fields import FIELD_TYPES
from templates_engine.models import TemplateVersion
from templates_engine.nodes import NODE_TYPES
from templates_engine.reading.yaml_reader import read
from templates_engine.store.commands import check

pytestmark = pytest.mark.usefixtures("world")
FILES = sorted(TEMPLATES.glob("*.yaml"))
REAL = {
    "database-change", "dns-record", "leave", "new-employee", "nginx-config-sync", "release-deploy", "server-access",
    "service-restart",
}  # fmt: skip
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def documents() -> list[dict[str, Any]]:
    return [read(file.read_bytes())[0] for file in FILES]


def nodes(chain: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in chain:
        yield node
        for inner in [*node.get("cases", []), *node.get("branches", [])]:
            yield from nodes(inner["chain"])


def words(value: Any) -> Iterator[Any]:
    """Every text of a document: a mapping of languages, or a word."""
    if isinstance(value, dict) and set(value) <= {"zh", "en"} and value:
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from words(inner)
    else:
        yield value


def test_everything_is_published_under_the_name_of_its_file() -> None:
    on_offer = TemplateVersion.objects.filter(state="published").values_list("template__key", flat=True)
    assert {file.stem for file in FILES} == set(on_offer)
    assert set(on_offer) >= REAL


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_text_is_there_in_both_languages(file) -> None:
    for text in words(read(file.read_bytes())[0]):
        if isinstance(text, dict):
            assert set(text) == {"zh", "en"}, text
            assert not CHINESE.search(text["en"]), text
        else:
            assert not CHINESE.search(str(text)), text


def test_together_they_show_what_the_language_can_do() -> None:
    forms = {field["type"] for document in documents() for field in document["form"]}
    chains = [node for document in documents() for node in nodes(document["chain"])]
    assert set(FIELD_TYPES) <= forms
    assert {node["type"] for node in chains} == set(NODE_TYPES) - {"webhook"}  # it would call somebody's machine
    modes = {str(node.get("mode")) for node in chains if node["type"] == "approval"}
    assert {"any", "all", "sequence", "{'ratio': 0.6}"} <= modes
    keys = {key for node in chains for key in node}
    assert {"due", "remind", "on_timeout", "dedup", "batch", "on_failure", "for_each", "until"} <= keys


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_warnings_name_only_people_who_have_nobody_above_them(file) -> None:
    """carol and the administrator stand at the top; a second head stands above the platform group only."""
    for finding in check(file.read_bytes()).warnings:
        assert finding.code in ("empty_rule", "nobody_acts")
        assert not re.search("alice|bob|heidi", finding.render()["message"])


def test_sub_tickets_come_before_the_tickets_that_open_them() -> None:
    shuffled = list(FILES)
    random.Random(7).shuffle(shuffled)
    for order in (FILES, list(reversed(FILES)), shuffled):
        keys = [file.stem for file in in_order(order)]
        assert sorted(keys) == [file.stem for file in FILES]
        parent = keys.index("new-employee")
        assert all(keys.index(child) < parent for child in ("new-account", "new-equipment", "new-host-access"))


def test_loading_again_changes_nothing() -> None:
    before = list(TemplateVersion.objects.order_by("pk").values_list("pk", "state"))
    assert f"{len(FILES)} templates" in load()
    assert list(TemplateVersion.objects.order_by("pk").values_list("pk", "state")) == before


@pytest.mark.parametrize("file", sorted(SALT_TEMPLATES.glob("*.yaml")), ids=lambda file: file.stem)
def test_what_comes_with_a_demonstration_salt_is_sound_too(file) -> None:
    found = check(file.read_bytes())
    assert list(found.errors) == []
