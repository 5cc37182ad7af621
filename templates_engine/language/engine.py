"""The CEL environment of templates: the standard library, in which int and double may be mixed.

By standard CEL types, `form.amount > 5000` is an error if the amount is a double. People write it, and its meaning is
clear; the engine itself compares an int with a double exactly. So the operators are declared again, with the mixed
pairs added. The declarations here are for the type check; functions.py calculates.
"""

from collections.abc import Iterator, Mapping
from functools import cache

import yaml
from cel_expr_python import cel

from templates_engine.language.functions import CALCULATED, functions

Signature = tuple[tuple[str, ...], str]  # (types of the operands, type of the result)

MIXED = (("double", "int"), ("int", "double"))
ORDERED = ("bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration")
_TIMES = {
    "_+_": (("timestamp", "duration", "timestamp"), ("duration", "timestamp", "timestamp")),
    "_-_": (("timestamp", "timestamp", "duration"), ("timestamp", "duration", "timestamp")),
}


def _compared(*more: tuple[str, str]) -> tuple[Signature, ...]:
    return tuple((pair, "bool") for pair in (*more, *MIXED))


def _calculated(name: str) -> tuple[Signature, ...]:
    own = {"_+_": ("string", "bytes", "list<A>", "duration"), "_-_": ("duration",)}.get(name, ())
    same = tuple(((kind, kind), kind) for kind in ("int", "uint", "double", *own))
    times = tuple(((left, right), result) for left, right, result in _TIMES.get(name, ()))
    return (*same, *times, *((pair, "double") for pair in MIXED))


SIGNATURES: dict[str, tuple[Signature, ...]] = {
    **{name: _compared(*((kind, kind) for kind in ORDERED)) for name in ("_<_", "_<=_", "_>_", "_>=_")},
    **{name: _compared(("A", "A")) for name in ("_==_", "_!=_")},
    **{name: _calculated(name) for name in CALCULATED},
    "@in": tuple(
        (pair, "bool")
        for pair in (("A", "list<A>"), ("A", "map<A, B>"), ("double", "list<int>"), ("int", "list<double>"))
    ),
}

# Our own functions.
SIGNATURES |= {
    "sum": (
        (("list<int>",), "int"),
        (("list<double>",), "double"),
        (("list<map<string, dyn>>", "string"), "dyn"),
    ),
    "text": tuple(((kind,), "string") for kind in ("int", "double", "string", "timestamp")),
    "date": tuple(((kind,), "timestamp") for kind in ("string", "timestamp")),
}
_REPLACED = tuple(name for name in SIGNATURES if name not in ("sum", "text", "date"))


def environment(variables: Mapping[str, cel.Type]) -> cel.Env:
    """The CEL environment in which expressions with these variables are compiled."""
    return cel.NewEnv(config=_config(), variables=dict(variables), functions=functions())


def _name(function: str, operands: tuple[str, ...]) -> str:
    return " ".join((function, *operands))


@cache
def _config() -> cel.EnvConfig:
    functions = [{"name": name, "overloads": list(_overloads(name))} for name in SIGNATURES]
    without = {"exclude_functions": [{"name": name} for name in _REPLACED]}
    return cel.NewEnvConfigFromYaml(yaml.safe_dump({"stdlib": without, "functions": functions}))


def _overloads(function: str) -> Iterator[dict[str, object]]:
    for operands, result in SIGNATURES[function]:
        yield {
            "id": _name(function, operands),
            "args": [_type(kind) for kind in operands],
            "return": _type(result),
        }


def _type(name: str) -> dict[str, object]:
    outer, _bracket, inner = name.partition("<")
    if inner:
        params = [inner[:-1]] if outer == "list" else inner[:-1].split(", ")  # map keys are plain types
        return {"type_name": outer, "params": [_type(kind) for kind in params]}
    return {"type_name": name, "is_type_param": True} if name in ("A", "B") else {"type_name": name}
