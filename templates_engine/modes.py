"""mode: how many of those who are asked must say yes."""

import math
from typing import Any


def needed(mode: Any, seats: int) -> int:
    """How many complete seats close a visit of so many: any 1, all and sequence every one, a ratio its share."""
    if isinstance(mode, dict):
        return max(1, math.ceil(mode["ratio"] * seats - 1e-9))
    return max(1, seats) if mode in ("all", "sequence") else 1
