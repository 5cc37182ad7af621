#!/usr/bin/env bash
# cel-expr-python 0.1.3: excluding a standard function excludes it from the checker only. The runtime keeps it, so one's
# own implementation of the same name and kinds is refused; a Python function with a parameter of type DYN type-checks
# and never matches any value; a checked expression whose calls were renamed in its bytes deserialises and runs.
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
times = lambda a, b: float(Decimal(repr(a)) * Decimal(repr(b)))
yaml = """
stdlib: {exclude_functions: [{name: _*_}]}
functions: [{name: _*_, overloads: [{id: mine, args: [{type_name: double}, {type_name: double}], return: {type_name: double}}]}]
"""
variables = {"x": cel.Type.DOUBLE}
try:
    env = cel.NewEnv(config=cel.NewEnvConfigFromYaml(yaml), variables=variables, function_impls={"mine": times})
    env.compile("x * 3.0").eval(data={"x": 19.9})
    raise SystemExit("changed: an excluded function can be implemented anew")
except RuntimeError as error:
    print("own _*_ after excluding it:", str(error).splitlines()[0])
    assert "ALREADY_EXISTS" in str(error)


def own(kind):
    overload = cel.Overload("one", cel.Type.DOUBLE, [kind, kind], False, times)
    return cel.NewEnv(variables=variables, functions=[cel.FunctionDecl("t", [overload])])


for kind in (cel.Type.DYN, cel.Type.DOUBLE):
    result = own(kind).compile("t(x, 3.0)").eval(data={"x": 19.9})
    print(f"t({kind.name()}, {kind.name()}) of doubles:", result.type().name(), result.value())
assert "No matching overloads" in str(own(cel.Type.DYN).compile("t(x, 3.0)").eval(data={"x": 19.9}).value())

plain = cel.NewEnv(variables=variables).compile("x * 3.0")
overload = cel.Overload("two", cel.Type.DOUBLE, [cel.Type.DOUBLE, cel.Type.DOUBLE], False, times)
env = cel.NewEnv(variables=variables, functions=[cel.FunctionDecl("@x@", [overload])])
renamed = env.deserialize(plain.serialize().replace(b"_*_", b"@x@")).eval(data={"x": 19.9}).value()
print("x * 3.0:", plain.eval(data={"x": 19.9}).value(), "· the same bytes with the call renamed:", renamed)
assert renamed == 59.7
PY
