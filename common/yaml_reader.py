"""Reads YAML from outside into plain data; the only YAML reader (B8, I16). JSON is YAML as well.

Bytes, depth and number of parts are limited, and so are time and memory; no aliases, anchors, tags or merge keys.
It works on parse events with its own stack, so it does not recurse and constructs no objects.
Plain scalars follow YAML 1.2, not 1.1: `true`, `True` and `TRUE` are one boolean, a label `No` stays a string.
Numbers are decimal: `0x1F`, `0o17`, `.inf` and `.nan` stay strings, and so does `0644`, which other readers take for
octal.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from django.utils.translation import gettext as _

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS = {"": None, "~": None} | {
    spelled: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for spelled in (word, word.capitalize(), word.upper())
}
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")  # no column, page or terminal accepts them
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MISSING = object()


class Limits(NamedTuple):
    """How large a document may be. size: bytes; parts: number of scalars, lists and mappings; depth: levels."""

    size: int
    parts: int
    depth: int = 40


DOCUMENT = Limits(512 * 1024, 20_000)  # written by people: a template, an organisation
INVENTORY = Limits(4 * 1024 * 1024, 400_000)  # written by a program: thousands of hosts


class Unreadable(Exception):
    """The text is not a document that can be read. path: place in its data; line: from 1, or None if unknown.

    code: too_large, too_many_parts {limit}, malformed_yaml {problem}, control_characters, or
    yaml_feature {feature: documents | anchors | tags | merge_keys}.
    """

    def __init__(self, code: str, path: str = "", line: int | None = None, **details: Any) -> None:
        self.code, self.path, self.line, self.details = code, path, line, details
        super().__init__(code)

    @property
    def where(self) -> str:
        """`line 7`; the place in the data if the line is unknown."""
        return f"line {self.line}" if self.line else self.path

    @property
    def message(self) -> str:
        """What is wrong and how to correct it, in the active language."""
        words = {
            "too_large": _("The file is too large: %(limit)s bytes at most. Split it."),
            "too_many_parts": _("The file is too deep or has too many parts: %(limit)s at most. Split it."),
            "malformed_yaml": _("This is not YAML: %(problem)s"),
            "control_characters": _("Contains control characters. Remove them."),
        }
        features = {
            "documents": _("Only one YAML document can be read: remove `---` and what follows it."),
            "anchors": _("YAML anchors and aliases (&, *) are not read here. Write the content out."),
            "tags": _("YAML tags (!) are not read here. Write the plain value."),
            "merge_keys": _("YAML merge keys (<<) are not read here. Write the content out."),
        }
        return (words | features)[self.details.get("feature", self.code)] % self.details


@dataclass(frozen=True)
class Repeated:
    """A key that is given a second time in one mapping; the last value counts."""

    key: str
    path: str
    line: int


@dataclass
class _Open:
    """A mapping or a list that is being read."""

    value: dict[str, Any] | list[Any]
    path: str
    key: Any = _MISSING


def read_file(path: Path, limits: Limits = DOCUMENT) -> tuple[Any, list[Repeated]]:
    """As `read`, from a file; at most one byte more than the limit is read. Raises Unreadable, OSError."""
    with path.open("rb") as file:
        return read(file.read(limits.size + 1), limits)


def read(text: str | bytes, limits: Limits = DOCUMENT) -> tuple[Any, list[Repeated]]:
    """The document's data and its repeated keys. Raises Unreadable."""
    built = _read(text, limits)
    return built.root, built.repeated


def read_with_lines(text: str | bytes, limits: Limits = DOCUMENT) -> tuple[Any, list[Repeated], dict[str, int]]:
    """As `read`, and with it the line (from 1) of every place in the data. Raises Unreadable."""
    built = _read(text, limits)
    return built.root, built.repeated, built.lines


def _read(text: str | bytes, limits: Limits) -> "_Building":
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(raw) > limits.size:
        raise Unreadable("too_large", limit=limits.size)
    try:
        return _Building(limits).build(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Unreadable("malformed_yaml", problem="UTF-8") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        line = mark.line + 1 if mark else None
        problem = f"{where}: {error.problem or error.context}"
        raise Unreadable("malformed_yaml", where, line, problem=problem) from error
    except yaml.YAMLError as error:
        raise Unreadable("malformed_yaml", problem=str(error).splitlines()[0]) from error


@dataclass
class _Building:
    """A document that is being built from parse events."""

    limits: Limits
    root: Any = None
    stack: list[_Open] = field(default_factory=list)
    repeated: list[Repeated] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)

    def build(self, text: str) -> "_Building":
        """Build the document event by event. Raises Unreadable at the first event that exceeds a limit."""
        documents = parts = 0
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise Unreadable("yaml_feature", line=_line(event), feature="documents")
            elif isinstance(event, yaml.NodeEvent):
                parts += 1
                if parts > self.limits.parts or len(self.stack) > self.limits.depth:
                    raise Unreadable("too_many_parts", limit=f"{self.limits.depth} × {self.limits.parts}")
                self._take(event)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                self.stack.pop()
        return self

    def _take(self, event: Any) -> None:
        path = _path(self.stack)
        value = _value(event, path)
        if self.stack and _is_key(self.stack[-1]):
            self._begin_pair(self.stack[-1], event, value)
            return
        self.lines.setdefault(path, _line(event))
        if not self.stack:
            self.root = value
        else:
            _add(self.stack[-1], value)
        if isinstance(value, (dict, list)):
            self.stack.append(_Open(value, path))

    def _begin_pair(self, parent: _Open, event: Any, value: Any) -> None:
        line = _line(event)
        if isinstance(value, (dict, list)) or value is None:
            raise Unreadable("malformed_yaml", parent.path, line, problem=f"line {line}: a key must be a word")
        parent.key = key = event.value
        if key == "<<" and event.implicit[0]:
            raise Unreadable("yaml_feature", parent.path, line, feature="merge_keys")
        if key in parent.value:
            self.repeated.append(Repeated(key, _below(parent, key), line))
        self.lines[_below(parent, key)] = line


def _path(stack: list[_Open]) -> str:
    """The path of the next value; if a key comes next, the path of its mapping."""
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
        raise Unreadable("yaml_feature", path, _line(event), feature="anchors")
    if event.tag and event.tag != "!":
        raise Unreadable("yaml_feature", path, _line(event), feature="tags")
    if isinstance(event, yaml.MappingStartEvent):
        return {}
    if isinstance(event, yaml.SequenceStartEvent):
        return []
    return _scalar(event, path)


def _scalar(event: Any, path: str) -> Any:
    text: str = event.value
    if _CONTROLS.search(text):
        raise Unreadable("control_characters", path, _line(event))
    if not event.implicit[0]:  # quoted
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text) and len(text) <= 18:
        return int(text)
    if _FLOAT.match(text):
        number = float(text)
        if number in (float("inf"), float("-inf")):
            line = _line(event)
            raise Unreadable("malformed_yaml", path, line, problem=f"line {line}: {text[:40]}")
        return number
    return text


def _line(event: Any) -> int:
    return event.start_mark.line + 1


def _is_key(parent: _Open) -> bool:
    return isinstance(parent.value, dict) and parent.key is _MISSING


def _add(parent: _Open, value: Any) -> None:
    if isinstance(parent.value, list):
        parent.value.append(value)
    else:
        parent.value[parent.key], parent.key = value, _MISSING
