"""One difference between two versions, and the comparison of mappings."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from common.errors import Problem, finding
from templates_engine.compare.change_messages import CHANGES, say, what
from templates_engine.findings.finding import fill
from templates_engine.text import Text, localize


@dataclass(frozen=True)
class Change:
    """One difference. path: its place in the new document; for a removed part, in the old one."""

    code: str
    path: str
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> Text:
        """The message, in both languages."""
        return fill(CHANGES[self.code], self.details)

    def render(self) -> Problem:
        """{path, code, message} in the caller's language."""
        return finding(self.path, self.code, localize(self.message))


def settings(code: str, path: str, named: dict[str, Any], old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    """The differences between two mappings; parameters are compared one by one."""
    for key in dict.fromkeys([*new, *old]):
        before, after = old.get(key), new.get(key)
        if before == after and (key in old) == (key in new):
            continue
        here = f"{path}.{key}" if path else key
        if isinstance(before, dict) and isinstance(after, dict) and key in ("params", "form", "body"):
            inner = ({f"{key}.{name}": value for name, value in side.items()} for side in (before, after))
            yield from settings(code, path, named, *inner)
        elif key not in old:
            yield Change(f"{code}_added", here, {**named, "what": what(key), "after": say(after, key)})
        elif key not in new:
            yield Change(f"{code}_removed", here, {**named, "what": what(key), "before": say(before, key)})
        else:
            details = {**named, "what": what(key), "before": say(before, key), "after": say(after, key)}
            yield Change(f"{code}_changed", here, details)
