"""JSON Schemas (2020-12) for parts of documents and forms, and the check against them."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import orjson
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from templates_engine.findings.finding import Finding, suggest
from templates_engine.reading.patterns import is_pattern

Schema = dict[str, Any]

# \A … \Z: `$` would accept a trailing line break, which could get into file names and mail headers (A45).
KEY: Schema = {"type": "string", "pattern": r"\A[a-z][a-z0-9_]{0,62}\Z"}
SLUG: Schema = {"type": "string", "pattern": r"\A[a-z0-9][a-z0-9-]{0,62}\Z"}
LINE = r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\Z"
LINES = r"\A[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*\Z"
WORDS: Schema = {"type": "string", "minLength": 1, "maxLength": 500, "pattern": LINE}
PROSE_WORDS: Schema = {"type": "string", "minLength": 1, "maxLength": 5000, "pattern": LINES}


def _localized(words: Schema) -> Schema:
    both = {
        "type": "object",
        "properties": {"zh": words, "en": words},
        "additionalProperties": False,
        "minProperties": 1,
    }
    return {"anyOf": [words, both]}


TEXT = _localized(WORDS)
PROSE = _localized(PROSE_WORDS)
EXPRESSION: Schema = {"type": "string", "minLength": 1, "maxLength": 2000}
DURATION: Schema = {"type": "string", "pattern": r"\A[1-9][0-9]{0,4}[smhd]\Z"}
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


FORMATS = FormatChecker(formats=())
FORMATS.checks("baton-pattern")(lambda value: not isinstance(value, str) or is_pattern(value))


@lru_cache(maxsize=512)
def _validator(schema: bytes) -> Draft202012Validator:
    return Draft202012Validator(orjson.loads(schema), format_checker=FORMATS)


def place(path: str, parts: Any) -> str:
    """`path` followed by a jsonschema path: chain[0].cases[1]."""
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else (f".{part}" if path else str(part))
    return path


def check(value: Any, schema: Schema, path: str) -> Iterator[Finding]:
    """The findings for a value that does not fit this schema."""
    validator = _validator(orjson.dumps(schema))
    for error in sorted(validator.iter_errors(value), key=lambda e: list(map(str, e.absolute_path))):
        yield from _finding(error, path)


def _finding(error: ValidationError, path: str) -> Iterator[Finding]:
    here, rule = place(path, error.absolute_path), error.validator
    value: Any = error.instance
    limit: Any = error.validator_value
    schema: Any = error.schema
    if rule == "additionalProperties":
        known = list(schema.get("properties", {}))
        for key in value:
            if key not in known:
                yield Finding("unknown_key", place(here, [key]), {"key": key, "suggestion": suggest(key, known)})
    elif rule == "required":
        missing = next(key for key in list(limit) if key not in value and f"'{key}'" in error.message)
        yield Finding("missing_key", place(here, [missing]), {"key": missing})
    elif rule == "type":
        yield Finding("wrong_type", here, {"expected": TYPE_WORDS.get(str(limit), str(limit))})
    elif rule in ("enum", "const"):
        allowed = ", ".join(str(v) for v in (limit if rule == "enum" else [limit]))
        yield Finding("wrong_value", here, {"value": str(value), "allowed": allowed})
    elif rule in ("pattern", "format"):
        yield Finding("bad_format", here, {"value": str(value)})
    elif rule in ("anyOf", "oneOf"):
        meant = _meant(error)
        if not meant:
            yield Finding("wrong_type", here, {"expected": _expected(limit)})
        for inner in meant:
            yield from _finding(inner, path)
    else:
        yield Finding("out_of_range", here, {"limit": f"{rule} {limit}"})


def _meant(error: ValidationError) -> list[ValidationError]:
    """The errors of the one alternative that has the value's type; empty if none or several have it."""
    alternatives: dict[Any, list[ValidationError]] = {}
    for inner in error.context or []:
        alternatives.setdefault(inner.schema_path[0], []).append(inner)
    foreign = ("type", "const", "enum")
    of_type = [
        found for found in alternatives.values() if not any(e.validator in foreign and not e.path for e in found)
    ]
    return of_type[0] if len(of_type) == 1 else []


def _expected(alternatives: list[Schema]) -> Any:
    kinds = [s.get("type") or s.get("const") or s.get("enum") for s in alternatives]
    words = [TYPE_WORDS.get(str(k), {"zh": str(k), "en": str(k)}) for k in kinds if k]
    return {lang: " / ".join(word[lang] for word in words) for lang in ("zh", "en")}
