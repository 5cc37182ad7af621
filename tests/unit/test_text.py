"""Localized texts."""

import pytest
from django.utils import translation

from templates_engine.text import both, localize


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("plain", "en", "plain"), ("plain", "zh-hans", "plain"), ("", "en", ""), ({}, "en", ""),
        (both("中", "en"), "en", "en"), (both("中", "en"), "en-us", "en"), (both("中", "en"), "zh-hans", "中"),
        (both("中", "en"), "fr", "中"), ({"zh": "中"}, "en", "中"), ({"en": "en"}, "zh-hans", "en"),
        ({"zh": "", "en": "en"}, "zh-hans", "en"),
    ],
)  # fmt: skip
def test_localize(text, language, words) -> None:
    assert localize(text, language) == words


@pytest.mark.parametrize(("language", "words"), [("en", "two"), ("zh-hans", "二")])
def test_the_active_language_is_the_default(language, words) -> None:
    with translation.override(language):
        assert localize(both("二", "two")) == words
