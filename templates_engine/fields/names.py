"""What people call the things that forms name by key."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Names:
    """Names by kind, as a field type's `refers_to` says it: user, department, attachment.

    Whoever or whatever is not among them is called by its key.
    """

    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of(self, kind: str, key: str) -> str:
        """What this one is called."""
        return self.known.get(kind, {}).get(key) or key
