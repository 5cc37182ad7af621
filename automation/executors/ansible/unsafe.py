"""Values for Ansible that it will never evaluate (A27, A28, I16)."""

from typing import Any

from automation.values import is_name


def wrap(value: Any) -> Any:
    """The same JSON, every text at any depth marked as data. Raises ValueError on a key that could mean more.

    Ansible templates whatever text reaches it as a variable, by any road, unless it carries this mark.
    """
    if isinstance(value, str):
        return {"__ansible_unsafe": value}
    if isinstance(value, dict):
        bad = [key for key in value if not is_name(key)]
        if bad:
            raise ValueError(f"{bad[0]!r} cannot be a key")
        return {key: wrap(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [wrap(inner) for inner in value]
    return value
