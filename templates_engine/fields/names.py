"""Display names of what forms refer to by key."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Names:
    """Names by kind (a field type's `refers_to`): user, department, attachment.

    If a key is not known, the key itself is used.
    """

    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of(self, kind: str, key: str) -> str:
        """The display name of this key."""
        return self.known.get(kind, {}).get(key) or key
