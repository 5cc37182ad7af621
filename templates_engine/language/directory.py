"""The names of today's organisation that a template may use."""

from dataclasses import dataclass, field


@dataclass
class Directory:
    """Keys of roles, people and departments. names: kind (role, user, department) → display name → key."""

    roles: set[str] = field(default_factory=set)
    usernames: set[str] = field(default_factory=set)
    departments: set[str] = field(default_factory=set)
    names: dict[str, dict[str, str]] = field(default_factory=dict)
