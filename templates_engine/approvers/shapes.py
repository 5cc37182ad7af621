"""JSON Schemas of approver rules in a template."""

from templates_engine.reading.shapes import EXPRESSION, KEY, Schema, mapping

LEVEL: Schema = {"type": "integer", "minimum": 1, "maximum": 20}


def _one(rules: dict[str, Schema]) -> Schema:
    """One of these rules; `of` is allowed only with `role`."""
    return {
        "type": "object",
        "properties": {**rules, "of": EXPRESSION},
        "additionalProperties": False,
        "if": {"required": ["of"]},
        "then": {"required": ["role"], "maxProperties": 2},
        "else": {"minProperties": 1, "maxProperties": 1},
    }


def _several(rule: Schema) -> Schema:
    return {"type": "array", "minItems": 1, "maxItems": 20, "items": rule}


COMMON: dict[str, Schema] = {
    "user": {"type": "string"},
    "role": {"type": "string"},
    "manager": LEVEL,
    "managers_up_to": LEVEL,
    "department_head": LEVEL,
    "form_user": KEY,
    "applicant": {"const": True},
    "expression": EXPRESSION,
}
# The applicant may choose who acts at a node, but not who gets a copy or who takes over after a timeout.
ONE_RULE = _one(COMMON)
TOLD_SCHEMA = _several(ONE_RULE)
RULES_SCHEMA = _several(_one(COMMON | {"chosen_by": {"const": "applicant"}}))
RATIO: Schema = mapping({"ratio": {"type": "number", "exclusiveMinimum": 0, "maximum": 1}})
MODE: Schema = {"anyOf": [{"enum": ["any", "all", "sequence"]}, RATIO]}
