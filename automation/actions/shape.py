"""The schema of an action.yaml: its keys, their defaults, and the first check."""

from typing import Any

from automation.actions.executors import kind_of
from automation.actions.parameter_checks import CHECKS
from automation.actions.parameters import FIELDS
from templates_engine.document.check import AUDIENCE
from templates_engine.reading.shapes import PROSE, TEXT, Schema, mapping

KEY = r"\A[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\Z"
PATH: Schema = {"type": "string", "minLength": 1, "maxLength": 240}
STEP = mapping({"action": {"type": "string", "pattern": KEY}}, {"params": {"type": "object", "maxProperties": 50}})

# Defaults for keys that a document leaves out. They take the safe side: risk is high.
USUAL: dict[str, Any] = {
    "description": "",
    "read_only": False,
    "needs_targets": True,
    "risk": "high",
    "diff": "approvers",
    "timeout_s": 600,
    "valid_days": 7,
    "params": [],
    "labels": {},
}
ACTION = mapping(
    {"name": TEXT, "executor": {"type": "string"}},
    {
        "key": {"type": "string", "pattern": KEY, "maxLength": 64},
        "description": PROSE,
        "read_only": {"type": "boolean"},
        "needs_targets": {"type": "boolean"},
        "risk": {"enum": ["low", "high"]},
        "timeout_s": {"type": "integer", "minimum": 1, "maximum": 86400},
        "valid_days": {"type": "integer", "minimum": 1, "maximum": 90},
        "command": TEXT,
        "labels": {"type": "object", "additionalProperties": TEXT},
        "params": {"anyOf": [FIELDS, {"type": "object"}]},
        "checks": CHECKS,
        "dry_run": {"enum": ["required", "offered", "none"]},
        "diff": {"enum": ["everyone", "approvers"]},
        "recheck": mapping({"limit": {"type": "integer", "minimum": 0, "maximum": 100_000}}),
        "rollback": {"if": {"type": "string"}, "then": {"enum": ["none"]}, "else": STEP},
        "health_check": STEP,
        "batch": {},
        "concurrency": {"type": "integer", "minimum": 1, "maximum": 1000},
        "outputs": {"anyOf": [FIELDS, {"type": "object", "maxProperties": 50}]},
        "credentials": {
            "type": "array",
            "items": {"type": "string", "pattern": r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z"},
            "uniqueItems": True,
            "maxItems": 20,
        },
        "usable_by": AUDIENCE,
        "include": {"type": "array", "items": PATH, "minItems": 1, "maxItems": 50, "uniqueItems": True},
        "run": {"type": "object"},
    },
)


def usual_dry_run(executor: str, *, is_read_only: bool) -> str:
    """The default of dry_run: offered if the action changes something and its executor can do dry runs.

    Raises KeyError if there is no such executor here.
    """
    return "offered" if kind_of(executor).foresees and not is_read_only else "none"
