#!/usr/bin/env bash
# cel-expr-python 0.1.3 takes a Decimal (what psycopg gives for a numeric column) for a variable declared DOUBLE. Inside a
# map or a list it is taken for an integer that is out of range, and one such value fails every expression that touches
# the map: another key, `has()` of that key, and a condition whose other side is true. Nothing is raised: the answer is a
# value of type ERROR.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "cel-expr-python==0.1.3"
"$folder/venv/bin/python" - <<'PY'
import importlib.metadata
from decimal import Decimal

from cel_expr_python import cel

print("cel-expr-python", importlib.metadata.version("cel-expr-python"))


def answer(source: str, kind, value) -> tuple:
    found = cel.NewEnv(variables={"x": kind}).compile(source).eval(data={"x": value})
    print(f"{source} with x = {value!r}: {found.type().name()} {found.value()}")
    return found.type().name(), found.value()


assert answer("x + 0.1", cel.Type.DOUBLE, Decimal("19.90")) == ("DOUBLE", 20.0)
row = {"price": Decimal("19.90"), "count": 1}
for source in ("x.price > 19.0", "x.count == 1", "has(x.price)", "x.count == 1 || x.price > 19.0"):
    kind, said = answer(source, cel.Type.DYN, row)
    assert kind == "ERROR", "changed: the expression has a value"
    assert "Integer value 'Decimal('19.90')' out of range" in said, "changed: the error says something else"
assert answer("x.count == 1", cel.Type.DYN, {**row, "price": 19.9}) == ("BOOL", True)
PY
