"""The master's minions, whether they answer, and their grains. Nothing is changed."""

from collections.abc import Sequence
from typing import Any

from automation.executors.salt.api_connection import SaltApiError
from automation.executors.salt.client import Salt

GRAINS = (
    "os", "osrelease", "kernel", "kernelrelease", "cpuarch", "num_cpus", "mem_total", "pythonversion", "ipv4",
)  # fmt: skip
AT_ONCE = 100  # minions per request
STATUS_S = 60.0


def accepted(salt: Salt) -> list[str]:
    """Every minion whose key the master has accepted, up or down. Raises SaltApiError."""
    answer = salt.runner("manage.status", {}, STATUS_S)
    while isinstance(answer, dict) and not {"up", "down"} <= answer.keys():
        answer = answer.get("data", answer.get("return"))  # salt-api wraps the answer differently by version
    found = answer
    if not isinstance(found, dict) or not all(isinstance(found.get(key), list) for key in ("up", "down")):
        raise SaltApiError("salt-api gave no list of minions; may its user run manage.status?")
    return sorted({name for key in ("up", "down") for name in found[key] if isinstance(name, str)})


def grains(salt: Salt, minions: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The grains of the minions that answer. A minion that is down is left out. Raises SaltApiError."""
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(minions), AT_ONCE):
        answer = salt.grains(minions[start : start + AT_ONCE], GRAINS)
        # For a minion that is down, Salt returns false or a sentence, depending on its version.
        found |= {name: value for name, value in answer.items() if isinstance(value, dict)}
    return found
