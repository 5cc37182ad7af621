"""YAML to plain data: bounded in size, depth and number; no aliases, no tags, no duplicate keys (B8, I16).

Built from parse events with a stack of its own, so that neither recursion nor constructed objects are possible.
Scalars follow YAML 1.2's core: only true and false are booleans, so a label `No` stays a word.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from templates_engine.findings import Finding

MAX_BYTES = 512 * 1024
MAX_PARTS = 20_000
MAX_DEPTH = 40

_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MISSING = object()


class Unreadable(Exception):
    """The text is not a document; `finding` says why and where."""

    def __init__(self, code: str, path: str = "", **details: Any) -> None:
        self.finding = Finding(code, path, details)
        super().__init__(code)


@dataclass
class _Open:
    """A mapping or a list that is being read."""

    value: dict[str, Any] | list[Any]
    path: str
    key: Any = _MISSING
    repeated: list[Finding] = field(default_factory=list)


def read(text: str | bytes) -> tuple[Any, list[Finding]]:
    """The document's data and its duplicate keys. Raises Unreadable."""
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(raw) > MAX_BYTES:
        raise Unreadable("too_large", limit=MAX_BYTES)
    try:
        return _build(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Unreadable("malformed_yaml", problem="UTF-8") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise Unreadable("malformed_yaml", where, problem=f"{where}: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise Unreadable("malformed_yaml", problem=str(error).splitlines()[0]) from error


def _build(text: str) -> tuple[Any, list[Finding]]:
    root: Any = None
    documents = parts = 0
    stack: list[_Open] = []
    repeated: list[Finding] = []
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise Unreadable("yaml_feature", feature={"zh": "多个文档", "en": "documents after the first"})
        elif isinstance(event, yaml.NodeEvent):
            parts += 1
            if parts > MAX_PARTS or len(stack) > MAX_DEPTH:
                raise Unreadable("too_many_parts", limit=f"{MAX_DEPTH} × {MAX_PARTS}")
            where = f"line {event.start_mark.line + 1}" if event.start_mark else ""
            value = _value(event, where)
            path = _place(stack, value, where, repeated)
            if path is None:
                continue
            if not stack:
                root = value
            if isinstance(value, (dict, list)):
                stack.append(_Open(value, path))
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            stack.pop()
    return root, repeated


def _value(event: Any, where: str) -> Any:
    if isinstance(event, yaml.AliasEvent) or event.anchor:
        raise Unreadable("yaml_feature", where, feature={"zh": "锚点与引用", "en": "anchors and aliases"})
    if event.tag and event.tag != "!":
        raise Unreadable("yaml_feature", where, feature={"zh": "标签", "en": "tags"})
    if isinstance(event, yaml.MappingStartEvent):
        return {}
    if isinstance(event, yaml.SequenceStartEvent):
        return []
    return _scalar(event, where)


def _scalar(event: Any, where: str) -> Any:
    text: str = event.value
    if not event.implicit[0]:  # quoted
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text) and len(text) <= 18:
        return int(text)
    if _FLOAT.match(text):
        number = float(text)
        if number in (float("inf"), float("-inf")):
            raise Unreadable("malformed_yaml", where, problem=f"{where}: {text[:40]}")
        return number
    return text


def _place(stack: list[_Open], value: Any, where: str, repeated: list[Finding]) -> str | None:
    """Put a value where it belongs; its path, or None where it was a mapping's key."""
    if not stack:
        return ""
    parent = stack[-1]
    if isinstance(parent.value, list):
        parent.value.append(value)
        return f"{parent.path}[{len(parent.value) - 1}]"
    if parent.key is _MISSING:
        if isinstance(value, (dict, list)) or value is None:
            raise Unreadable("malformed_yaml", where, problem=f"{where}: a key must be a word")
        key = str(value)
        path = f"{parent.path}.{key}" if parent.path else key
        if key in parent.value:
            repeated.append(Finding("duplicate_key", path, {"key": key}))
        parent.key = key
        return None
    key, parent.key = parent.key, _MISSING
    parent.value[key] = value
    return f"{parent.path}.{key}" if parent.path else key
