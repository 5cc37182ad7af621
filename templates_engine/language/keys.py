"""Which fields an expression reads, from its text alone: fast enough for every evaluation."""

import re
from functools import lru_cache

_FORM = re.compile(r"\bform\b")
_FIELD = re.compile(r"\bform\s*\.\s*([a-z][a-z0-9_]*)")


@lru_cache(maxsize=4096)
def fields_read(source: str) -> tuple[str, ...]:
    """The keys of the form's fields that it reads, in order; complete if it `reads_plainly`."""
    return tuple(dict.fromkeys(_FIELD.findall(source)))


@lru_cache(maxsize=4096)
def reads_plainly(source: str) -> bool:
    """Whether a key follows every word `form`; otherwise comments or quoted names may hide a field."""
    return len(_FORM.findall(source)) == len(_FIELD.findall(source))
