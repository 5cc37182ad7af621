#!/usr/bin/env bash
# What Salt 3008.3 does to values in the states of `state.high`, which renders nothing:
# 1. An argument that begins with `__slot__:salt:` is a call: Salt runs it, as root, and uses the answer. It is found in
#    texts, in lists, and in the values of a mapping, so a form's value that reaches any argument can run a command.
# 2. file.managed splits `contents` at everything that ends a line for Python and joins it with line feeds: CR, VT, FF,
#    NEL, U+2028 and U+2029 are not what is written.
# 3. `contents_newline: false` takes every line feed at the end away, also those that were given.
# 4. In the `stdin` of a command each backslash with an n becomes a line break, unless `stdin_raw_newlines` is true.
# 5. A state whose requisite failed ends the whole run with KeyError `__sls__`, after the states before it have run,
#    unless each state names an `__sls__`, as those from a file do.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet "salt==3008.3"
venv/bin/python - <<'PY'
import json
import pathlib
import subprocess

here = pathlib.Path.cwd()
paths = {name: str(here / name) for name in ("pki_dir", "cachedir", "sock_dir", "log_file")}
config = {"root_dir": str(here), "id": "local", "file_client": "local", **paths}
(here / "minion").write_text(json.dumps(config))
print(subprocess.run(["venv/bin/salt-call", "--version"], capture_output=True, text=True).stdout.strip())


def high(states: dict) -> str:
    command = ["venv/bin/salt-call", "-c", str(here), "--local", "state.high", json.dumps(states)]
    found = subprocess.run(command, capture_output=True, text=True)
    return found.stdout + found.stderr


def apply(name: str, contents: str) -> bytes:
    path = here / name
    states = {"A file": {"file": ["managed", {"name": str(path)}, {"contents": contents}, {"contents_newline": False}]}}
    command = ["venv/bin/salt-call", "-c", str(here), "--local", "state.high", json.dumps(states)]
    subprocess.run(command, check=True, capture_output=True)
    return path.read_bytes()


called = apply("slot", "__slot__:salt:test.echo(called)")
print("slot:", called)
assert called == b"called", "changed: a slot in a value is not called any more"
written = apply("lines", "a\rb\u2028c")
print("lines:", written)
assert written == b"a\nb\nc", "changed: contents are written as they are given"
written = apply("end", "a\n\n")
print("end:", written)
assert written == b"a", "changed: line feeds at the end stay"
read = {"name": f"cat > {here}/read"}
high({"Read": {"cmd": ["run", read, {"stdin": r"a\nb"}]}})
print("stdin:", (here / "read").read_bytes())
assert (here / "read").read_bytes() == b"a\nb", "changed: stdin is read as it is given"
high({"Read": {"cmd": ["run", read, {"stdin": r"a\nb"}, {"stdin_raw_newlines": True}]}})
assert (here / "read").read_bytes() == rb"a\nb", "changed: stdin_raw_newlines does nothing"
two = {
    "First": {"test": ["fail_without_changes"]},
    "Second": {"test": ["nop", {"require": [{"test": "First"}]}]},
}
said = high(two)
print("requisite:", [line.strip() for line in said.splitlines() if "KeyError" in line])
assert "KeyError" in said and "__sls__" in said, "changed: a requisite that failed is told as such"
said = high({name: {**state, "__sls__": "x", "__env__": "base"} for name, state in two.items()})
assert "KeyError" not in said and "requisite failed" in said, "changed: `__sls__` does not help any more"
PY
