"""Compare answers of the API with frontend/schema.yaml: the status, the media type, and the shape.

An answer may hold no key that the schema does not name; problems may, see RFC 9457.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema_rs import Draft202012Validator

from tests.api.calls import Answer

FILE = Path(__file__).parents[2] / "frontend/schema.yaml"
PROBLEM = "application/problem+json"
READERS: dict[str, Callable[[bytes], Any]] = {
    "application/json": json.loads,
    PROBLEM: json.loads,
    "application/yaml": yaml.safe_load,
}


@cache
def document() -> dict[str, Any]:
    """The schema as it is committed; `make check` compares it with the code."""
    return yaml.load(FILE.read_text(), Loader=yaml.CSafeLoader)


def operations() -> Iterator[tuple[str, str]]:
    """(method, path) of every operation."""
    for path, item in document()["paths"].items():
        yield from ((method.upper(), path) for method in item if method in {"get", "post", "put", "patch", "delete"})


def check(method: str, url: str, answer: Answer) -> None:
    """Fail if the schema does not allow this answer. Unknown paths and methods may be refused, no more."""
    path = path_of(url)
    known = path is not None and method.lower() in document()["paths"][path]
    if not known:
        assert answer.status_code in {401, 403, 404, 405, 422}, f"the schema has no {method} {url}"
        return
    responses = document()["paths"][path][method.lower()]["responses"]
    status = str(answer.status_code) if str(answer.status_code) in responses else "default"
    assert status != "default" or answer.status_code >= 400, f"{method} {path}: no answer {answer.status_code}"
    contents = responses[status].get("content", {})
    found = answer.get("Content-Type", "").partition(";")[0]
    assert found in (contents or {""}), f"{method} {path} {answer.status_code}: {found}, not {list(contents)}"
    if found in READERS and not answer.streaming:
        body = READERS[found](answer.content)
        wrong = [
            f"{error.instance_path}: {error.message[:300]}"
            for error in shape(path, method, status, found).iter_errors(body)
        ]
        assert wrong == [], f"{method} {path} {answer.status_code}: {wrong}"


@cache
def path_of(url: str) -> str | None:
    """The path of the schema that leads here; of two, the one with fewer places."""
    fitting = (
        path for path in sorted(document()["paths"], key=lambda path: path.count("{")) if _pattern(path).fullmatch(url)
    )
    return next(fitting, None)


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))


@cache
def shape(path: str, method: str, status: str, media: str) -> Draft202012Validator:
    """What checks a body."""
    found = document()["paths"][path][method.lower()]["responses"][status]["content"][media]["schema"]
    return Draft202012Validator({**_strict(found), "components": _components()}, validate_formats=True)


@cache
def _components() -> dict[str, Any]:
    schemas = document()["components"]["schemas"]
    return {"schemas": {**_strict(schemas), "ProblemOutput": schemas["ProblemOutput"]}}


def _strict(schema: Any, *, whole: bool = True) -> Any:
    """The same as JSON Schema has it: null for `nullable`; and nothing in an object that is not named.

    whole: this says all that may be in the object; else it is a part of an `allOf`.
    """
    if isinstance(schema, list):
        return [_strict(inner, whole=whole) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    parts = len(schema.get("allOf", ())) > 1
    plain = {
        key: _strict(value, whole=whole and not parts if key in {"allOf", "oneOf"} else True)
        for key, value in schema.items()
        if key != "nullable"
    }
    if whole and parts:
        plain["unevaluatedProperties"] = False
    elif whole and isinstance(plain.get("properties"), dict) and plain.get("type") == "object":
        plain.setdefault("additionalProperties", False)
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain
