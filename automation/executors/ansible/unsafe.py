"""Mark values as data that Ansible never evaluates (A27, A28, I16)."""

from typing import Any

from automation.values import is_name


def wrap(value: Any) -> Any:
    """The same JSON, with every text at any depth marked as data. Raises ValueError on an unsafe key.

    Ansible treats any text variable as a template, from any source, unless it carries this mark.
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
