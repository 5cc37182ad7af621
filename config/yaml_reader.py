"""YAML from outside to plain data: the only reader of it (B8, I16). JSON is YAML as well.

Bounded in bytes, depth and number of parts, and so in time and memory; no aliases, anchors, tags or merge keys.
Built from parse events with a stack of its own, so that neither recursion nor constructed objects are possible.
Plain words are read as in YAML 1.2, not 1.1: `true`, `True` and `TRUE` are one boolean, and a label `No` stays a word.
Numbers are decimal: `0x1F`, `0o17`, `.inf` and `.nan` stay words, and so does `0644`, which others take for octal.
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
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")  # no column, page or terminal takes them
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MISSING = object()


class Limits(NamedTuple):
    """How much one document may be: bytes of text, parts (words, lists, mappings), levels."""

    size: int
    parts: int
    depth: int = 40


DOCUMENT = Limits(512 * 1024, 20_000)  # what a person writes: a template, an organisation
INVENTORY = Limits(4 * 1024 * 1024, 400_000)  # what a program wrote: thousands of hosts


class Unreadable(Exception):
    """The text is not a document. path: where in its data; line: from 1, None where no line is to blame.

    code: too_large, too_many_parts {limit}, malformed_yaml {problem}, control_characters, or
    yaml_feature {feature: documents | anchors | tags | merge_keys}.
    """

    def __init__(self, code: str, path: str = "", line: int | None = None, **details: Any) -> None:
        self.code, self.path, self.line, self.details = code, path, line, details
        super().__init__(code)

    @property
    def where(self) -> str:
        """`line 7`, else the place in the data."""
        return f"line {self.line}" if self.line else self.path

    @property
    def message(self) -> str:
        """What is wrong and how to mend it, in the active language."""
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
    """A key that stands a second time in one mapping; the last one counts."""

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
    """As read; no more of the file is taken than may be read. Raises Unreadable, OSError."""
    with path.open("rb") as file:
        return read(file.read(limits.size + 1), limits)


def read(text: str | bytes, limits: Limits = DOCUMENT) -> tuple[Any, list[Repeated]]:
    """The document's data and its repeated keys. Raises Unreadable."""
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
    """One document in the making."""

    limits: Limits
    root: Any = None
    stack: list[_Open] = field(default_factory=list)
    repeated: list[Repeated] = field(default_factory=list)

    def build(self, text: str) -> tuple[Any, list[Repeated]]:
        """Take event after event; the first one too many ends it."""
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
        return self.root, self.repeated

    def _take(self, event: Any) -> None:
        path = _path(self.stack)
        value = _value(event, path)
        if not self.stack:
            self.root = value
        elif _is_key(self.stack[-1]):
            self._begin_pair(self.stack[-1], event, value)
            return
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
