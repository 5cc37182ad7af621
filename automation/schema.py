"""Parameter schemas: JSON Schema 2020-12, read strictly."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator, SchemaError, ValidationError
from jsonschema.validators import extend

from automation.values import finding, is_name


def _whole_value(validator: Any, pattern: str, value: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: ARG001
    """A pattern describes the whole value: `$` never lets a final line break through, as Python's would."""
    if isinstance(value, str) and re.fullmatch(pattern[1:-1], value) is None:
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _is_integer(checker: Any, value: Any) -> bool:  # noqa: ARG001
    """80, but neither 80.0 nor true: what is hashed and shown is what is written into a file."""
    return isinstance(value, int) and not isinstance(value, bool)


Validator = extend(
    Draft202012Validator,
    validators={"pattern": _whole_value},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)


def check_schema(schema: Any) -> None:
    """Raises ValueError, in one line, where this cannot be the parameter schema of an action."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise ValueError(f"params: {error.message}") from error
    if schema.get("type") != "object" or schema.get("additionalProperties") is not False:
        raise ValueError("params: must be an object with additionalProperties: false")
    for key in schema.get("properties", {}):
        if not is_name(key):
            raise ValueError(f"params: {key!r} cannot be the name of a parameter")
    for pattern in _patterns(schema):
        if not (pattern.startswith("^") and pattern.endswith("$")):
            raise ValueError(f"params: the pattern {pattern!r} must describe the whole value, from ^ to $")
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"params: the pattern {pattern!r} cannot be read: {error}") from error


def _patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        for inner in schema.values():
            yield from _patterns(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _patterns(inner)


def with_defaults(schema: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
    """The parameters, what was left out (or null) filled from the schema: people see what will be used."""
    given = {key: value for key, value in params.items() if value is not None}
    defaults = {k: p["default"] for k, p in schema.get("properties", {}).items() if "default" in p}
    return defaults | given


def findings(schema: dict[str, Any], params: dict[str, Any], path: str) -> Iterator[dict[str, str]]:
    """What the schema refuses, as {path, code, message} with paths below `path`."""
    told = set()
    for error in Validator(schema).iter_errors(params):
        for where in _places(error, path):
            if (where, error.validator) not in told:
                told.add((where, error.validator))
                words = MESSAGES.get(str(error.validator), _other)
                yield finding(where, str(error.validator), words(error.validator_value))


def _places(error: ValidationError, path: str) -> list[str]:
    """The places one error speaks of: a missing or unknown key is a place of its own."""
    here = path + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    instance: Any = error.instance
    rule: Any = error.validator_value
    if error.validator == "required":
        return [f"{here}.{key}" for key in rule if key not in instance]
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
        return [f"{here}.{key}" for key in instance if key not in known]
    return [here]


def _other(limit: Any) -> str:  # noqa: ARG001
    return _("The action does not take this value.")


MESSAGES: dict[str, Callable[[Any], str]] = {
    "required": lambda _limit: _("This value is missing."),
    "additionalProperties": lambda _limit: _("This action has no such parameter."),
    "pattern": lambda _limit: _("This value has a form that the action does not take."),
    "type": lambda limit: _("This value must be of the type %(type)s.") % {"type": limit},
    "enum": lambda limit: _("Choose one of: %(values)s.") % {"values": ", ".join(map(str, limit))},
    "minLength": lambda limit: _("At least %(limit)s characters are needed.") % {"limit": limit},
    "maxLength": lambda limit: _("At most %(limit)s characters are possible.") % {"limit": limit},
    "minimum": lambda limit: _("At least %(limit)s is needed.") % {"limit": limit},
    "maximum": lambda limit: _("At most %(limit)s is possible.") % {"limit": limit},
}
