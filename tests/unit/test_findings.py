"""Texts of findings: both languages, the same placeholders, all filled."""

import ast
import string
from pathlib import Path

import pytest
from django.utils import translation

import templates_engine
from templates_engine.findings.advice import ADVICE
from templates_engine.findings.finding import Finding, suggest
from templates_engine.findings.messages import WORDS
from templates_engine.text import localize

PACKAGE = Path(templates_engine.__file__).parent


def placeholders(words: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(words) if name}


@pytest.mark.parametrize("code", WORDS)
def test_both_languages_say_the_same(code) -> None:
    zh, en = WORDS[code]
    assert zh
    assert en
    if code != "bad_expression":
        assert placeholders(zh) == placeholders(en)
    assert any("\u4e00" <= character <= "\u9fff" for character in zh)
    assert not any("\u4e00" <= character <= "\u9fff" for character in en)


@pytest.mark.parametrize("code", WORDS)
def test_a_finding_renders_in_the_callers_language(code) -> None:
    details = dict.fromkeys(placeholders(WORDS[code][0]), "X")
    for language in ("en", "zh-hans"):
        with translation.override(language):
            rendered = Finding(code, "chain[0]", details).render()
        assert rendered["code"] == code
        assert "{" not in rendered["message"].replace("{X}", "")
        assert isinstance(rendered["suggestion"], str)


@pytest.mark.parametrize("code", ADVICE)
def test_advice_says_the_same_in_both_languages_and_can_be_filled(code) -> None:
    zh, en = ADVICE[code]
    assert placeholders(zh) == placeholders(en)
    assert placeholders(zh) <= placeholders(WORDS[code][1])
    assert any("\u4e00" <= character <= "\u9fff" for character in zh)
    assert not any("\u4e00" <= character <= "\u9fff" for character in en)


def test_what_is_close_goes_before_the_general_advice() -> None:
    details = {"key": "lable", "suggestion": suggest("lable", ["label"])}
    assert localize(Finding("unknown_key", "p", details).suggestion, "en") == "Did you mean label?"
    assert Finding("unknown_user", "p", {"key": "x"}).suggestion == dict(
        zip(("zh", "en"), ADVICE["unknown_user"], strict=True)
    )


def used() -> set[tuple[str, frozenset[str] | None]]:
    """(code, keys of its details where they are a literal) of every Finding in the package."""
    found: set[tuple[str, frozenset[str] | None]] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding"):
                continue
            if not isinstance(node.args[0], ast.Constant):
                continue
            details = node.args[2] if len(node.args) > 2 else None
            keys: frozenset[str] | None = None
            if details is None:
                keys = frozenset()
            elif isinstance(details, ast.Dict):
                keys = frozenset(str(key.value) for key in details.keys if isinstance(key, ast.Constant))
            found.add((str(node.args[0].value), keys))
    return found


@pytest.mark.parametrize(("code", "keys"), sorted(used(), key=str))
def test_every_finding_in_the_code_has_words_and_fills_them(code, keys) -> None:
    assert code in WORDS
    if keys is not None:
        assert placeholders(WORDS[code][1]) - {"suggestion"} <= keys


def test_a_long_value_is_cut() -> None:
    message = Finding("not_an_option", "form.a", {"value": "x" * 10_000}).message
    assert len(message["en"]) < 400


def test_braces_in_values_are_not_placeholders() -> None:
    assert "{__class__}" in Finding("not_an_option", "p", {"value": "{__class__}"}).message["en"]


def test_suggest() -> None:
    assert localize(suggest("lable", ["label", "key"]), "en") == "Did you mean label?"
    assert localize(suggest("zzz", ["label", "key"]), "en") == "There are: key, label."
    assert suggest("zzz", []) == ""
