"""Ranges in Ansible's host names: web-[01:20], db-[a:f], rack[1:9:2]."""

import re
from collections.abc import Iterator
from itertools import product

from automation.inventory.problems import MOST_HOSTS

RANGE = re.compile(r"\[(?P<first>[0-9]+|[A-Za-z]):(?P<last>[0-9]+|[A-Za-z])(?::(?P<step>[0-9]+))?\]")


def expand(pattern: str) -> list[str]:
    """Every name of this pattern, at most MOST_HOSTS; a pattern without a range is one name. Raises ValueError."""
    parts: list[list[str]] = []
    at, count = 0, 1
    for match in RANGE.finditer(pattern):
        values = list(_values(match["first"], match["last"], int(match["step"] or 1)))
        count *= len(values)
        if count > MOST_HOSTS:
            raise ValueError(pattern)
        parts += [[pattern[at : match.start()]], values]
        at = match.end()
    return ["".join(each) for each in product(*parts, [pattern[at:]])]


def _values(first: str, last: str, step: int) -> Iterator[str]:
    """Raises ValueError if a range is empty, too large or mixed."""
    if step < 1 or first.isdigit() != last.isdigit() or len(last) > 9:
        raise ValueError(first)
    if not first.isdigit():
        numbers, width = range(ord(first), ord(last) + 1, step), 0
        if first.islower() != last.islower():
            raise ValueError(first)
    else:
        width = len(first) if first.startswith("0") else 0
        numbers = range(int(first), int(last) + 1, step)
    if not 0 < len(numbers) <= MOST_HOSTS:
        raise ValueError(first)
    for number in numbers:
        yield str(number).zfill(width) if first.isdigit() else chr(number)
