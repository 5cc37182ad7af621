"""The `run:` section of an action for a system with an API: a closed shape, no templates, no code (A28, I16)."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from common.egress.allowed_hosts import Refused, split

_NAME = {"type": "string", "pattern": r"^[A-Za-z_][A-Za-z0-9_-]{0,63}\Z"}
_FIELD = {"type": "string", "maxLength": 200, "pattern": r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\Z"}
_STATES = {"type": "array", "minItems": 1, "maxItems": 50, "items": {"type": ["string", "boolean", "integer"]}}
_URL = {"type": "string", "maxLength": 1000}


def _closed(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


_SOURCE = {
    "oneOf": [
        _closed({"param": _NAME}, "param"),
        _closed({"value": {"type": ["string", "number", "boolean", "null"]}}, "value"),
        _closed({"target": {"enum": ["name", "address"]}}, "target"),
        _closed({"ticket": {"const": "number"}}, "ticket"),
        _closed({"targets": {"const": "names"}}, "targets"),
    ]
}
_SECTION = Draft202012Validator(
    {
        "$defs": {
            "body": {
                "anyOf": [
                    _SOURCE,
                    _closed(
                        {"object": {"type": "object", "propertyNames": _NAME,
                                    "additionalProperties": {"$ref": "#/$defs/body"}}}, "object"
                    ),
                    _closed({"list": {"type": "array", "maxItems": 50, "items": {"$ref": "#/$defs/body"}}}, "list"),
                ]
            }
        },
        **_closed(
            {
                "method": {"enum": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
                "url": _URL,
                "path": {"type": "array", "maxItems": 20, "items": {"anyOf": [
                    {"type": "string", "pattern": r"^[A-Za-z0-9._~/-]{1,200}\Z"}, _SOURCE]}},
                "query": {"type": "object", "propertyNames": _NAME, "additionalProperties": _SOURCE},
                "body": {"$ref": "#/$defs/body"},
                "per": {"enum": ["host", "run"]},
                "token": _closed({"credential": {"type": "string"}, "header": _NAME, "scheme": _NAME}, "credential"),
                "sign": _closed({"credential": {"type": "string"}}, "credential"),
                "idempotent": {"type": "boolean"},
                "changed": _FIELD,
                "poll": _closed(
                    {
                        "url": _FIELD,
                        "state": _FIELD,
                        "every_s": {"type": "number", "minimum": 0.1, "maximum": 300},
                        "running": _STATES,
                        "done": _STATES,
                        "failed": _STATES,
                        "message": _FIELD,
                    },
                    "url", "state", "done", "failed",
                ),
                "look_up": _closed({"url": _URL, "query": _NAME}, "url", "query"),
                "cancel": _closed({"method": {"enum": ["POST", "DELETE"]}, "suffix": {
                    "type": "string", "pattern": r"^(/[A-Za-z0-9._~-]+)*\Z"}}, "method"),
                "outputs": {"type": "object", "propertyNames": _NAME, "additionalProperties": _FIELD},
            },
            "method", "url",
        ),
    }
)  # fmt: skip


def check_section(raw: Mapping[str, Any], params: Collection[str]) -> None:
    """Raises ValueError with a one-line reason. params: the names of the action's parameters."""
    for error in _SECTION.iter_errors(raw):
        where = ".".join(map(str, ["run", *error.absolute_path]))
        raise ValueError(f"{where}: {error.message}")
    for name in ("url", "look_up.url"):
        part, _dot, rest = name.partition(".")
        url = raw[part]["url"] if rest and part in raw else raw["url"]
        try:
            split(url)
        except Refused as error:
            raise ValueError(f"run.{name}: {error}") from error
    if origin(raw["url"]) != origin(raw.get("look_up", raw)["url"]):
        raise ValueError("run.look_up.url: must be on the host of run.url, for it gets the same token")
    unknown = sorted({*_params_in([raw.get(key) for key in ("path", "query", "body")])} - {*params})
    if unknown:
        raise ValueError(f"run: the action has no parameter {', '.join(unknown)}")
    if "cancel" in raw and "poll" not in raw:
        raise ValueError("run.cancel: needs run.poll, which names what is to be cancelled")
    if raw["method"] == "GET" and "body" in raw:
        raise ValueError("run.body: a GET has none")


def _params_in(part: Any) -> Iterator[str]:
    """The parameters used in a part of a section."""
    if isinstance(part, list):
        for inner in part:
            yield from _params_in(inner)
    elif isinstance(part, dict):
        if set(part) == {"param"} and isinstance(part["param"], str):
            yield part["param"]
        for inner in part.values():
            yield from _params_in(inner)


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL. Raises Refused."""
    return split(url)[:3]
