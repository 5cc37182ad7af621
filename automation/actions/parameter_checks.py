"""The `checks` of an action: limits on one parameter that apply when others have certain values."""

from collections.abc import Iterator
from typing import Any

from automation.actions.problems import Problem, pattern_problems
from templates_engine.reading.shapes import KEY, TEXT, Schema, mapping
from templates_engine.text import both

PLAIN: Schema = {"type": ["string", "integer", "number", "boolean"]}
CHECKS: Schema = {
    "type": "array",
    "maxItems": 50,
    "items": mapping(
        {"param": KEY},
        {
            "when": {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 10,
                "additionalProperties": {"anyOf": [PLAIN, {"type": "array", "items": PLAIN, "minItems": 1}]},
            },
            "pattern": {"type": "string", "minLength": 1, "maxLength": 2000},
            "one_of": {"type": "array", "items": PLAIN, "minItems": 1, "maxItems": 500},
            "none_of": {"type": "array", "items": PLAIN, "minItems": 1, "maxItems": 500},
            "min": {"type": "number"},
            "max": {"type": "number"},
            "required": {"const": True},
            "say": TEXT,
        },
    ),
}


def check_problems(checks: list[dict[str, Any]], schema: Schema) -> Iterator[Problem]:
    """Checks that name an unknown parameter, contain no limit, or have a bad pattern."""
    known = schema.get("properties", {})
    for index, each in enumerate(checks):
        here = f"checks[{index}]"
        if not each.keys() & {"pattern", "one_of", "none_of", "min", "max", "required"}:
            yield here, both("没有写检查什么", "does not say what is checked")
        yield from (
            (f"{here}.{place}", both(f"没有参数 {name}", f"there is no parameter {name}"))
            for place, name in [("param", each["param"]), *((f"when.{name}", name) for name in each.get("when", {}))]
            if name not in known
        )
        yield from pattern_problems(each, here)


def rule(each: dict[str, Any]) -> Schema:
    """One check as a part of a JSON Schema; `say` is the error text for people (automation.actions.schema)."""
    name = each["param"]
    limit: Schema = {"say": each["say"]} if "say" in each else {}
    for key, keyword in (("pattern", "pattern"), ("one_of", "enum"), ("min", "minimum"), ("max", "maximum")):
        if key in each:
            limit[keyword] = each[key]
    if "none_of" in each:
        limit["not"] = {"enum": each["none_of"]}
    if "required" in each:
        limit |= {"minLength": 1, "minItems": 1}
    then: Schema = {"properties": {name: limit}} | ({"required": [name]} if "required" in each else {})
    if "when" not in each:
        return then
    wanted = {key: {"enum": value if isinstance(value, list) else [value]} for key, value in each["when"].items()}
    return {"if": {"properties": wanted, "required": list(wanted)}, "then": then}
