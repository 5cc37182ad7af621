"""The `run:` section of an action that a person does: the instructions, and the people who may tick it off."""

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

INSTRUCTIONS_MAX = 8000
_TEXT = {"type": "string", "minLength": 1, "maxLength": INSTRUCTIONS_MAX}
_SECTION = Draft202012Validator(
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["instructions"],
        "properties": {
            "instructions": {
                "type": "object",
                "additionalProperties": False,
                "required": ["zh", "en"],
                "properties": {"zh": _TEXT, "en": _TEXT},
            },
            "by": {
                "type": "array",
                "minItems": 1,
                "maxItems": 20,
                "items": {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": False,
                    "properties": {"role": {"type": "string"}, "user": {"type": "string"}},
                },
            },
        },
    }
)


def check_section(raw: Mapping[str, Any]) -> None:
    """Raises ValueError with a one-line reason."""
    for error in _SECTION.iter_errors(raw):
        where = ".".join(map(str, ["run", *error.absolute_path]))
        raise ValueError(f"{where}: {error.message}")
