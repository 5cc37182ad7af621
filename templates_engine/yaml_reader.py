"""YAML to plain data: bounded in size, depth and number; no aliases, no tags, no duplicate keys (B8, I16).

Built from parse events with a stack of its own, so that neither recursion nor constructed objects are possible.
Plain words are read as in YAML 1.2, not 1.1: `true`, `True` and `TRUE` are one boolean, and a label `No` stays a word.
Numbers are decimal: `0x1F`, `0o17`, `.inf` and `.nan` stay words.
"""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from templates_engine.findings import Finding

MAX_BYTES = 512 * 1024
MAX_PARTS = 20_000
MAX_DEPTH = 40

_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS = {"": None, "~": None} | {
    spelled: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for spelled in (word, word.capitalize(), word.upper())
}
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")  # no column, page or terminal takes them
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
            path = _path(stack)
            value = _value(event, path)
            if not stack:
                root = value
            elif _is_key(stack[-1]):
                if isinstance(value, (dict, list)) or value is None:
                    raise Unreadable("malformed_yaml", path, problem=f"{_line(event)}a key must be a word")
                _begin_pair(stack[-1], str(value), repeated)
                continue
            else:
                _add(stack[-1], value)
            if isinstance(value, (dict, list)):
                stack.append(_Open(value, path))
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            stack.pop()
    return root, repeated


def _path(stack: list[_Open]) -> str:
    """Where the value that comes next belongs; of a mapping's key, the mapping."""
    if not stack:
        return ""
    parent = stack[-1]
    if isinstance(parent.value, list):
        return f"{parent.path}[{len(parent.value)}]"
    return parent.path if parent.key is _MISSING else _below(parent, parent.key)


def _below(parent: _Open, key: str) -> str:
    return f"{parent.path}.{key}" if parent.path else key


def _value(event: Any, path: str) -> Any:
    if isinstance(event, yaml.AliasEvent) or event.anchor:
        raise Unreadable("yaml_feature", path, feature={"zh": "锚点与引用", "en": "anchors and aliases"})
    if event.tag and event.tag != "!":
        raise Unreadable("yaml_feature", path, feature={"zh": "标签", "en": "tags"})
    if isinstance(event, yaml.MappingStartEvent):
        return {}
    if isinstance(event, yaml.SequenceStartEvent):
        return []
    return _scalar(event, path)


def _scalar(event: Any, path: str) -> Any:
    text: str = event.value
    if _CONTROLS.search(text):
        raise Unreadable("control_characters", path)
    if not event.implicit[0]:  # quoted
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text) and len(text) <= 18:
        return int(text)
    if _FLOAT.match(text):
        number = float(text)
        if number in (float("inf"), float("-inf")):
            raise Unreadable("malformed_yaml", path, problem=f"{_line(event)}{text[:40]}")
        return number
    return text


def _line(event: Any) -> str:
    return f"line {event.start_mark.line + 1}: " if event.start_mark else ""


def _is_key(parent: _Open) -> bool:
    return isinstance(parent.value, dict) and parent.key is _MISSING


def _begin_pair(parent: _Open, key: str, repeated: list[Finding]) -> None:
    parent.key = key
    if key in parent.value:
        repeated.append(Finding("duplicate_key", _below(parent, key), {"key": key}))


def _add(parent: _Open, value: Any) -> None:
    if isinstance(parent.value, list):
        parent.value.append(value)
    else:
        parent.value[parent.key], parent.key = value, _MISSING
