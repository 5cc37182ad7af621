"""Steps of an action: the other actions that it names as its health check and its rollback.

`params` of a step are plain values; a text `{name}` is replaced by this action's own parameter, of any type.
"""

import re
from collections.abc import Mapping
from typing import Any

_OWN = re.compile(r"\{([a-z][a-z0-9_]{0,62})\}")


def own_parameter(value: Any) -> str | None:
    """The parameter that this value refers to; None if it is a plain value."""
    match = _OWN.fullmatch(value) if isinstance(value, str) else None
    return match.group(1) if match else None


def taken(step: dict[str, Any], take: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Which parameters of a step are filled at run time.

    take: parameter of the action → its source at run time. A step's parameter that refers to it gets the same source.
    """
    own = {name: own_parameter(value) for name, value in step.get("params", {}).items()}
    return {name: dict(take[source]) for name, source in own.items() if source is not None and source in take}


def filled(step: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
    """The parameters with which a step runs, given those of its action. Missing action parameters are left out."""
    found = {}
    for name, value in step.get("params", {}).items():
        own = own_parameter(value)
        if own is None:
            found[name] = value
        elif own in params:
            found[name] = params[own]
    return found
