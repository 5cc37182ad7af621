"""JSON Schema (2020-12) as the one way to say what a piece of a document or a form may look like."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from templates_engine.findings import Finding, suggest

Schema = dict[str, Any]

KEY: Schema = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,62}$"}
SLUG: Schema = {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,62}$"}
WORDS: Schema = {"type": "string", "minLength": 1, "maxLength": 500}
TEXT: Schema = {
    "anyOf": [
        WORDS,
        {
            "type": "object",
            "properties": {"zh": WORDS, "en": WORDS},
            "additionalProperties": False,
            "minProperties": 1,
        },
    ]
}
EXPRESSION: Schema = {"type": "string", "minLength": 1, "maxLength": 2000}
DURATION: Schema = {"type": "string", "pattern": "^[1-9][0-9]{0,4}[smhd]$"}
NODE_LIST: Schema = {"type": "array", "items": {"type": "string"}, "minItems": 1}


def mapping(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """A mapping with exactly these keys."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


TYPE_WORDS = {
    "string": {"zh": "文字", "en": "a text"},
    "integer": {"zh": "整数", "en": "a whole number"},
    "number": {"zh": "数字", "en": "a number"},
    "boolean": {"zh": "true 或 false", "en": "true or false"},
    "array": {"zh": "列表", "en": "a list"},
    "object": {"zh": "键值对", "en": "a mapping"},
    "null": {"zh": "空", "en": "empty"},
}


@lru_cache(maxsize=512)
def _validator(schema: bytes) -> Draft202012Validator:
    return Draft202012Validator(orjson.loads(schema))


def place(path: str, parts: Any) -> str:
    """`path` with a jsonschema path behind it: chain[0].cases[1]."""
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else (f".{part}" if path else str(part))
    return path


def check(value: Any, schema: Schema, path: str) -> Iterator[Finding]:
    """Every way in which this value does not fit this schema."""
    validator = _validator(orjson.dumps(schema))
    for error in sorted(validator.iter_errors(value), key=lambda e: list(map(str, e.absolute_path))):
        yield from _finding(error, path)


def _finding(error: ValidationError, path: str) -> Iterator[Finding]:
    here, rule, limit, value = (
        place(path, error.absolute_path),
        error.validator,
        error.validator_value,
        error.instance,
    )
    if rule == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        for key in value:
            if key not in known:
                yield Finding("unknown_key", place(here, [key]), {"key": key, "suggestion": suggest(key, known)})
    elif rule == "required":
        missing = next(key for key in limit if key not in value and f"'{key}'" in error.message)
        yield Finding("missing_key", place(here, [missing]), {"key": missing})
    elif rule == "type":
        yield Finding("wrong_type", here, {"expected": TYPE_WORDS.get(str(limit), str(limit))})
    elif rule in ("enum", "const"):
        allowed = ", ".join(str(v) for v in (limit if rule == "enum" else [limit]))
        yield Finding("wrong_value", here, {"value": str(value), "allowed": allowed})
    elif rule == "pattern":
        yield Finding("bad_format", here, {"value": str(value)})
    elif rule in ("anyOf", "oneOf"):
        yield Finding("wrong_type", here, {"expected": _expected(error)})
    else:
        yield Finding("out_of_range", here, {"limit": f"{rule} {limit}"})


def _expected(error: ValidationError) -> Any:
    kinds = [s.get("type") or s.get("const") or s.get("enum") for s in error.validator_value]
    words = [TYPE_WORDS.get(str(k), {"zh": str(k), "en": str(k)}) for k in kinds if k]
    return {lang: " / ".join(word[lang] for word in words) for lang in ("zh", "en")}
