"""Every field type: limits, and what a template may not say of a field."""

from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator

from templates_engine.fields import CELL_TYPES, FIELD_TYPES
from templates_engine.forms.check import check_fields
from templates_engine.forms.values import json_schema
from tests.templates_engine.forms import COLUMNS, ID, TREE, found

LIMITS: dict[str, dict] = {
    "text": {"min_length": 1, "max_length": 5, "pattern": "^a"},
    "textarea": {"min_length": 1, "max_length": 100_000, "pattern": "a"},
    "markdown": {"min_length": 1, "max_length": 5, "pattern": "^a"},
    "number": {"min": -1.5, "max": 10**15, "precision": 6, "unit": "GB"},
    "money": {"min": 0, "max": 0.5, "precision": 0, "currency": "EUR"},
    "select": {"options": ["a"]}, "radio": {"options": ["a", {"value": "b", "label": "B"}]},
    "multiselect": {"options": ["a"], "min_items": 1, "max_items": 500},
    "checkbox": {"options": ["a"], "min_items": 1, "max_items": 1},
    "switch": {}, "date": {}, "datetime": {},
    "daterange": {"max_days": 30},
    "user": {}, "department": {},
    "users": {"min_items": 1, "max_items": 200},
    "hosts": {"min_items": 1, "max_items": 1000},
    "attachment": {"min_items": 1, "max_items": 50, "max_size_mb": 20, "accept": ["pdf", "png", "tar.gz"]},
    "table": {**COLUMNS, "min_items": 1, "max_items": 500},
    "cascade": {**TREE, "levels": ["Region", {"zh": "城市", "en": "City"}], "any_level": True},
}  # fmt: skip
COMMON = {
    "help": "H\nH", "placeholder": "P", "required": True, "visible_when": "true", "required_when": "false",
    "readonly_at": ["x"], "editable_at": ["x", "y"], "hidden_at": ["z"],
}  # fmt: skip


@pytest.mark.parametrize("kind", FIELD_TYPES)
def test_every_limit_is_known_and_only_these(kind) -> None:
    assert set(LIMITS[kind]) == set(FIELD_TYPES[kind].limits)
    whole: Any = {"key": "a", "type": kind, "label": "A", **COMMON, **LIMITS[kind]}
    assert list(check_fields([whole])) == []
    for key in FIELD_TYPES[kind].required_limits:
        missing: Any = {name: value for name, value in whole.items() if name != key}
        assert found(check_fields([missing])) == [("missing_key", f"form[0].{key}")]
    for key in LIMITS[kind]:
        text, number = "(" if key == "pattern" else "\n", 1 if key == "any_level" else True
        several: list[Any] = [None, [[]], {"a": {}}, -(10**16), text, number]
        for wrong in several:
            assert list(check_fields([whole | {key: wrong}])), (key, wrong)
    assert found(check_fields([whole | {"colour": 1}])) == [("unknown_key", "form[0].colour")]
    for low, high in (("min", "max"), ("min_length", "max_length"), ("min_items", "max_items")):
        if low in LIMITS[kind] and kind != "checkbox":
            crossed = whole | {low: 5, high: 4}
            assert ("out_of_range", f"form[0].{high}") in found(check_fields([crossed]))
    Draft202012Validator.check_schema(json_schema([whole]))


@pytest.mark.parametrize(
    ("wrong", "code", "path"),
    [
        ({"type": "table", "columns": []}, "out_of_range", "columns"),
        ({"type": "table", "columns": [{"key": "x", "type": "table", "label": "X", "columns": []}]}, "wrong_value",
         "columns[0].type"),
        ({"type": "table", "columns": [{"key": "x", "type": "markdown", "label": "X"}]}, "wrong_value",
         "columns[0].type"),
        ({"type": "table", "columns": [{"key": "x", "type": "text", "label": "X", "visible_when": "true"}]},
         "unknown_key", "columns[0].visible_when"),
        ({"type": "table", "columns": [{"key": "x", "type": "text", "label": "X"}] * 2}, "duplicate_field",
         "columns[1].key"),
        ({"type": "table", "columns": [{"key": "x", "type": "number", "label": "X", "min": 2, "max": 1}]},
         "out_of_range", "columns[0].max"),
        ({"type": "table", "columns": [{"key": "x", "type": "number", "label": "X", "default": "a"}]},
         "bad_default", "columns[0].default"),
        ({"type": "table", "columns": [{"key": "x", "type": "select", "label": "X"}]}, "missing_key",
         "columns[0].options"),
        ({"type": "attachment", "default": [ID]}, "unknown_key", "default"),
        ({"type": "attachment", "accept": [".PDF"]}, "bad_format", "accept[0]"),
        ({"type": "money", "currency": "yuan"}, "bad_format", "currency"),
        ({"type": "money", "default": 1.005}, "bad_default", "default"),
        ({"type": "daterange", "default": {"start": "2026-11-21", "end": "2026-11-20"}}, "bad_default", "default"),
        ({"type": "cascade", "options": [{"value": "a", "children": []}]}, "out_of_range", "options[0].children"),
        ({"type": "cascade", "options": [{"value": f"o{n}", "children": [{"value": f"i{m}"} for m in range(50)]}
                                         for n in range(50)]}, "too_many_options", "options"),
        ({"type": "text", "default": {"expression": "form.", "more": 1}}, "bad_default", "default"),
    ],
)  # fmt: skip
def test_what_a_template_may_not_say(wrong, code, path) -> None:
    assert (code, f"form[0].{path}") in found(check_fields([cast(Any, {"key": "a", "label": "A", **wrong})]))


def test_column_types_are_the_simple_ones() -> None:
    assert set(FIELD_TYPES) - set(CELL_TYPES) == {"attachment", "table", "cascade", "markdown"}
    assert all(key == kind.name for key, kind in FIELD_TYPES.items())
