"""The `mode` of a node: how many assignees must approve."""

import math
from typing import Any


def needed(mode: Any, seats: int) -> int:
    """How many complete seats close a visit with so many seats. any: 1; all, sequence: every seat; ratio: its share."""
    if isinstance(mode, dict):
        return max(1, math.ceil(mode["ratio"] * seats - 1e-9))
    return max(1, seats) if mode in ("all", "sequence") else 1
