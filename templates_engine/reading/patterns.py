"""Patterns of template authors, matched by RE2 in linear time: no pattern can block a request (A36).

RE2 is part of CEL, so a field's `pattern` and `matches()` in an expression mean the same.
"""

from typing import Any

from cel_expr_python import cel

_ENV = cel.NewEnv(variables={"text": cel.Type.STRING, "pattern": cel.Type.STRING})
_MATCHES = _ENV.compile("text.matches(pattern)")


def fits(text: str, pattern: str) -> bool:
    """Whether the pattern is found in the text; `$` is the very end, not before a last line break.

    Raises ValueError if it is not a valid pattern.
    """
    found: Any = _MATCHES.eval(data={"text": text, "pattern": pattern})
    if found.type() == cel.Type.ERROR:
        raise ValueError(str(found.value()))
    return bool(found.value())


def is_pattern(pattern: str) -> bool:
    """Whether it is a valid RE2 pattern; RE2 has no look-around and no back references."""
    try:
        fits("", pattern)
    except ValueError:
        return False
    return True
