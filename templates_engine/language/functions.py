"""Our own functions for expressions. Their names begin with `@`, so authors cannot write them.

The engine does not allow replacing its own functions, such as `_*_` of two doubles or `getHours` of a timestamp. So a
checked expression is translated before it runs: its calls get these names (translate.py).
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cel_expr_python import cel

from templates_engine.language import clock, exact

Implementation = tuple[tuple[str, ...], str, Callable[..., Any]]  # (argument types, result type, function)

CALCULATED = {"_+_": exact.plus, "_-_": exact.minus, "_*_": exact.times, "_/_": exact.divided}
_NUMBERS = (
    ("int", "int", "int"),
    ("double", "double", "double"),
    ("double", "int", "double"),
    ("int", "double", "double"),
)
_ALSO = {
    "_+_": (
        ("string", "string", "string"), ("bytes", "bytes", "bytes"), ("list", "list", "list"),
        ("duration", "duration", "duration"), ("timestamp", "duration", "timestamp"),
        ("duration", "timestamp", "timestamp"),
    ),
    "_-_": (
        ("duration", "duration", "duration"), ("timestamp", "duration", "timestamp"),
        ("timestamp", "timestamp", "duration"),
    ),
}  # fmt: skip
TYPES = {
    "int": cel.Type.INT,
    "double": cel.Type.DOUBLE,
    "bool": cel.Type.BOOL,
    "string": cel.Type.STRING,
    "bytes": cel.Type.BYTES,
    "timestamp": cel.Type.TIMESTAMP,
    "duration": cel.Type.DURATION,
    "list": cel.Type.List(cel.Type.DYN),
    "times": cel.Type.List(cel.Type.TIMESTAMP),
    "dyn": cel.Type.DYN,
}
DAYS = "@days"
TIME, TIMES = "@time", "@times"  # from a text, from a list of texts
MONEY, DAY_TEXT = "@money", "@day_text"


def _same(value: Any) -> Any:
    return value


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _span(value: timedelta) -> str:
    return f"{exact.plain(value.total_seconds())}s"


def _everything() -> Iterator[tuple[str, bool, tuple[Implementation, ...]]]:
    """(name, whether it is a member function, its overloads)."""
    for name, calculate in CALCULATED.items():
        kinds = (*_NUMBERS, *_ALSO.get(name, ()))
        yield f"@{name}", False, tuple(((left, right), result, calculate) for left, right, result in kinds)
    texts = (("double", exact.plain), ("timestamp", _moment), ("duration", _span), ("int", str), ("string", _same))
    own = (("bool", lambda value: "true" if value else "false"), ("bytes", bytes.decode))
    yield "@string", False, tuple(((kind,), "string", how) for kind, how in (*texts, *own))
    people = (("double", exact.grouped), ("int", str), ("string", _same), ("timestamp", clock.moment_text))
    yield "@text", False, tuple(((kind,), "string", how) for kind, how in people)
    yield MONEY, False, ((("double", "int"), "string", exact.grouped),)
    yield DAY_TEXT, False, ((("timestamp",), "string", clock.day_text),)
    yield "@sum", False, ((("list",), "dyn", exact.total), (("list", "string"), "dyn", exact.total_of))
    yield "@date", False, ((("string",), "timestamp", clock.day), (("timestamp",), "timestamp", clock.day))
    yield TIME, False, ((("string",), "timestamp", clock.moment),)
    yield TIMES, False, ((("list",), "times", clock.moments),)
    yield DAYS, False, ((("timestamp", "timestamp"), "duration", clock.between),)
    for name in clock.PARTS:
        of_day, of_moment = clock.part_of_day(name), clock.part(name)
        moments: tuple[tuple[str, ...], ...] = (("timestamp",), ("timestamp", "string"))
        spans = ((("duration",), "int", clock.part_of_duration(name)),) if name in clock.OF_DURATIONS else ()
        yield f"@{name}", True, (*((kind, "int", of_moment) for kind in moments), *spans)
        yield f"@day.{name}", True, tuple((kind, "int", of_day) for kind in moments)


@cache
def functions() -> list[cel.FunctionDecl]:
    """All functions, as declarations for the engine."""
    return [
        cel.FunctionDecl(
            name,
            [
                cel.Overload(f"{name} {' '.join(takes)}", TYPES[gives], [TYPES[kind] for kind in takes], is_member, how)
                for takes, gives, how in overloads
            ],
        )
        for name, is_member, overloads in _everything()
    ]
