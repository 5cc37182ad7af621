"""Parameter schemas: JSON Schema 2020-12, with stricter rules for patterns, integers and decimals."""

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator, SchemaError, ValidationError
from jsonschema.validators import extend

from automation.values import is_name
from common.errors import Problem, finding
from templates_engine.fields.amount import decimals
from templates_engine.fields.check import FORMATS
from templates_engine.reading.patterns import fits, is_pattern
from templates_engine.text import localize


def _whole_value(validator: Any, pattern: str, value: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: ARG001
    """A pattern must match the whole value. RE2 matches in linear time, so no value can hang a request (A36)."""
    if isinstance(value, str) and not _fits(value, pattern):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _fits(value: str, pattern: str) -> bool:
    try:
        return "\x00" not in value and fits(value, f"^(?:{pattern[1:-1]})$")  # the engine stops reading at a NUL
    except (ValueError, UnicodeEncodeError):  # a broken character never matches
        return False


def _decimals(validator: Any, most: int, value: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: ARG001
    """Count decimals as people write them: 2.3 has one decimal, whatever its binary form is."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and decimals(value) > most:
        yield ValidationError(f"{value!r} has more than {most} decimals")


def _is_integer(checker: Any, value: Any) -> bool:  # noqa: ARG001
    """Accept 80, but not 80.0 or true, so that the hashed and shown value is the one written into a file."""
    return isinstance(value, int) and not isinstance(value, bool)


Validator = extend(
    Draft202012Validator,
    validators={"pattern": _whole_value, "decimals": _decimals},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)


def check_schema(schema: Any) -> None:
    """Raise ValueError, with one line, if this cannot be the parameter schema of an action."""
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
        if not is_pattern(pattern):
            raise ValueError(f"params: the pattern {pattern!r} is not one of RE2")


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
    """The parameters, with missing and null ones filled from the schema, so that people see the used values."""
    given = {key: value for key, value in params.items() if value is not None}
    defaults = {k: p["default"] for k, p in schema.get("properties", {}).items() if "default" in p}
    return defaults | given


def findings(schema: dict[str, Any], params: dict[str, Any], path: str) -> Iterator[Problem]:
    """The schema's errors as {path, code, message}, with paths below `path`."""
    told = set()
    for error in Validator(schema, format_checker=FORMATS).iter_errors(params):
        for where in _places(error, path):
            if (where, error.validator) not in told:
                told.add((where, error.validator))
                yield finding(where, str(error.validator), _words(error))


def _words(error: ValidationError) -> str:
    """The action's own error text (`say`), else the general text for this rule."""
    if isinstance(error.schema, dict) and "say" in error.schema:
        return localize(error.schema["say"])
    return MESSAGES.get(str(error.validator), _other)(error.validator_value)


def _places(error: ValidationError, path: str) -> list[str]:
    """The places of one error: each missing or unknown key is its own place."""
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
    "pattern": lambda _limit: _("This value does not have the format that the action requires."),
    "type": lambda limit: _("This value must be of the type %(type)s.") % {"type": limit},
    "enum": lambda limit: _("Choose one of: %(values)s.") % {"values": ", ".join(map(str, limit))},
    "minLength": lambda limit: _("At least %(limit)s characters are needed.") % {"limit": limit},
    "maxLength": lambda limit: _("At most %(limit)s characters are possible.") % {"limit": limit},
    "minimum": lambda limit: _("At least %(limit)s is needed.") % {"limit": limit},
    "decimals": lambda limit: _("At most %(limit)s decimals are possible.") % {"limit": limit},
    "minItems": lambda limit: _("At least %(limit)s entries are needed.") % {"limit": limit},
    "maxItems": lambda limit: _("At most %(limit)s entries are possible.") % {"limit": limit},
    "uniqueItems": lambda _limit: _("An entry appears twice."),
    "format": lambda _limit: _("This is not a valid day or time."),
    "maximum": lambda limit: _("At most %(limit)s is possible.") % {"limit": limit},
}
