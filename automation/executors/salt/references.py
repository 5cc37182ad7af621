"""Values of the plan in an action's data: closed marks in plain data, never text in a template (A28, I15).

    {$param: name}             the parameter, with its own type
    {$file: site.conf}         the text of a file of the action
    {$join: [/srv/, {$param: app}]}   several parts, as one text
    {$case: [app, {nginx: /etc/nginx, haproxy: /etc/haproxy}]}   the action's own value for this choice of a parameter
    {$ticket: number}          the ticket's number

If a parameter is not given, the key that holds its mark is left out.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from automation.values import SLOT

_ABSENT = object()


@dataclass(frozen=True)
class Values:
    """The values that replace the marks."""

    params: Mapping[str, Any]
    files: Mapping[str, bytes]
    number: str


def is_mark(value: Any) -> bool:
    """Whether this is a mark."""
    return isinstance(value, dict) and any(isinstance(key, str) and key.startswith("$") for key in value)


def fill(data: Any, values: Values) -> Any:
    """The data with every mark replaced. Raises ValueError if Salt would evaluate a text."""
    filled = _fill(data, values)
    for text in texts(filled):
        if text.lstrip().startswith(SLOT):
            raise ValueError(f"A value begins with {SLOT!r}: Salt would call what follows. Write it differently.")
    return None if filled is _ABSENT else filled


def _fill(data: Any, values: Values) -> Any:
    if is_mark(data):
        ((mark, of),) = data.items()
        return _MARKS[mark](of, values)
    if isinstance(data, dict):
        found = {key: _fill(inner, values) for key, inner in data.items()}
        return {key: inner for key, inner in found.items() if inner is not _ABSENT}
    if isinstance(data, list):
        items = [_fill(inner, values) for inner in data]
        return [new for old, new in zip(data, items, strict=True) if not _is_gone(old, new)]
    return data


def _is_gone(old: Any, new: Any) -> bool:
    """Whether to leave it out: the value itself, or `- mode: {$param: mode}` without a mode."""
    return new is _ABSENT or (new == {} and bool(old) and not is_mark(old))


def _param(name: str, values: Values) -> Any:
    return values.params.get(name, _ABSENT)


def _file(name: str, values: Values) -> str:
    return values.files[name].decode()


def _join(parts: list[Any], values: Values) -> str:
    found = [_fill(part, values) for part in parts]
    return "".join(str(part) for part in found if part is not _ABSENT)


def _case(of: list[Any], values: Values) -> Any:
    """The action's own value for this choice: never text from a form, so it may be part of a command."""
    name, answers = of
    return _fill(answers[values.params[name]], values) if name in values.params else _ABSENT


def _ticket(_of: str, values: Values) -> str:
    return values.number


_MARKS: dict[str, Callable[[Any, Values], Any]] = {
    "$param": _param, "$file": _file, "$join": _join, "$case": _case, "$ticket": _ticket,
}  # fmt: skip


def texts(data: Any) -> Iterator[str]:
    """Every text in the data, keys too."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, inner in data.items():
            yield from texts(key)
            yield from texts(inner)
    elif isinstance(data, list):
        for inner in data:
            yield from texts(inner)


def marks(data: Any) -> Iterator[tuple[str, Any]]:
    """Every mark in the data, including marks inside marks."""
    if is_mark(data):
        yield from data.items()
        for inner in data.values():
            yield from marks(inner)
    elif isinstance(data, dict):
        for inner in data.values():
            yield from marks(inner)
    elif isinstance(data, list):
        for inner in data:
            yield from marks(inner)


def takes_values(data: Any) -> bool:
    """Whether the data take a value of a form."""
    return any(mark == "$param" for mark, _of in marks(data))


def check(data: Any, params: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    """Raises ValueError, in one line, if a mark is invalid or Salt would evaluate a text."""
    for text in texts(data):
        if text.lstrip().startswith(SLOT):
            raise ValueError(f"{text[:40]!r}: slots are evaluated at run time, so nobody could approve them")
    for whole in _marked(data):
        if len(whole) != 1:
            raise ValueError(f"{', '.join(map(str, whole))}: a mark stands alone")
    for mark, of in marks(data):
        if mark == "$param" and of not in params:
            raise ValueError(f"$param: there is no parameter {of!r}")
        if mark == "$file" and (not isinstance(of, str) or of not in files or not _is_text(files[of])):
            raise ValueError(f"$file: there is no text file {of!r} in the action's folder")
        if mark == "$join" and not (isinstance(of, list) and all(_is_part(part, params) for part in of)):
            raise ValueError("$join: must be a list of texts, whole numbers and marks of such")
        if mark == "$case":
            _check_case(of, params)
        if mark == "$ticket" and of != "number":
            raise ValueError("$ticket: only the number is known")
        if mark not in _MARKS:
            raise ValueError(f"{mark}: the marks are {', '.join(_MARKS)}")


def _check_case(of: Any, params: Mapping[str, Any]) -> None:
    """Check a `$case`: a parameter with choices, and one answer for each: a text, a number or a file of the action."""
    if not (isinstance(of, list) and len(of) == 2 and isinstance(of[0], str) and isinstance(of[1], dict)):
        raise ValueError("$case: must be [parameter, {choice: answer}]")
    choices = params.get(of[0], {}).get("enum")
    if choices is None or not all(isinstance(choice, str) for choice in choices):
        raise ValueError(f"$case: {of[0]!r} is no parameter with choices")
    if set(of[1]) != set(choices):
        raise ValueError(f"$case: needs one answer for each of {', '.join(choices)}")
    for answer in of[1].values():
        if not isinstance(answer, (str, int)) and not (is_mark(answer) and set(answer) == {"$file"}):
            raise ValueError("$case: an answer is a text, a number or a $file")


def _marked(data: Any) -> Iterator[dict[str, Any]]:
    if is_mark(data):
        yield data
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    for part in inner:
        yield from _marked(part)


def _is_part(part: Any, params: Mapping[str, Any]) -> bool:
    if isinstance(part, dict) and "$param" in part:
        return params.get(part["$param"], {}).get("type") in ("string", "integer")
    return is_mark(part) or (isinstance(part, (str, int)) and not isinstance(part, bool))


def _is_text(data: bytes) -> bool:
    try:
        return "\x00" not in data.decode()
    except UnicodeDecodeError:
        return False
