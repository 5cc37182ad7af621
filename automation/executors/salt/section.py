"""The `run` section of an action for Salt: a closed shape, checked when the action is read (A29).

run: {state: states.yaml}                                             the states in a file of the action
run: {function: service.restart, kwarg: {name: {$param: service}}}    one execution function
run: {runner: manage.up, kwarg: {…}}                                  one function of the master
expect: true                                                          (function, runner) the answer it must give
"""

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

from automation.executors.salt.references import check, is_mark, takes_values
from automation.executors.salt.runners import check_runner
from automation.executors.salt.state_file import read_states

_NAME = {"type": "string", "pattern": r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$"}
_KWARG = {
    "type": "object",
    "propertyNames": {"pattern": "^[a-z][a-z0-9_]*$", "not": {"enum": ["test", "queue", "pillar", "metadata"]}},
}
_SECTION = Draft202012Validator(
    {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "state": {"type": "string"},
            "function": _NAME,
            "runner": _NAME,
            "kwarg": _KWARG,
            "expect": {},
        },
        "oneOf": [{"required": [kind]} for kind in ("state", "function", "runner")],
        "dependentSchemas": {"state": {"properties": {"kwarg": False, "expect": False}}},
    }
)
INSTEAD = {
    "state": "write the states into a file and name it with `state:`",
    "saltutil": "it manages jobs and minions, which Baton does itself",
    "runners": "use `runner:`",
    "event": "it writes what others believe",
    "publish": "it makes other minions run something",
}
UNJUDGED = {
    "cmd.run": "it says success when its command ran out of time; use cmd.run_all",
    "cmd.shell": "it says success when its command ran out of time; use cmd.run_all",
    "cmd.script": "it says success when there is no script; use cmd.run_all",
    "cmd.exec_code": "it says success whatever happened; use cmd.run_all",
}
SAFE_IN_COMMANDS = frozenset({"cwd", "env", "runas", "stdin", "timeout"})


def check_section(run: Any, files: Mapping[str, bytes], params: Mapping[str, Any], dry_run: str = "none") -> None:
    """Raises ValueError, in one line, if this `run` section is invalid or could do more than it says.

    params: the properties of the action's parameter schema.
    """
    for error in _SECTION.iter_errors(run):
        place = ".".join(map(str, ["run", *error.absolute_path]))
        wanted = "name one of state, function, runner" if error.validator == "oneOf" else error.message
        raise ValueError(f"{place}: {wanted}")
    if "state" in run:
        if run["state"] not in files:
            raise ValueError(f"run.state: there is no file {run['state']!r} in the action's folder")
        try:
            read_states(files[run["state"]], params, files)
        except ValueError as error:
            raise ValueError(f"{run['state']}: {error}") from error
        return
    if dry_run == "required":
        raise ValueError("dry_run: Salt foresees states only; a function can have none")
    if "function" in run:
        _check_function(run["function"], run.get("kwarg", {}))
    else:
        check_runner(run["runner"], run.get("kwarg", {}))
    check(run.get("kwarg", {}), params, files)


def _check_function(function: str, kwarg: dict[str, Any]) -> None:
    module = function.partition(".")[0]
    if module in INSTEAD:
        raise ValueError(f"run.function: {function} is not possible: {INSTEAD[module]}")
    if function in UNJUDGED:
        raise ValueError(f"run.function: {function} is not possible: {UNJUDGED[function]}")
    if module == "cmd":
        for key, value in kwarg.items():
            if takes_values(value) and key not in SAFE_IN_COMMANDS:
                raise ValueError(
                    f"run.kwarg.{key}: a parameter in a command becomes code; hand it over in env or stdin"
                )
        if not isinstance(kwarg.get("cmd"), str) and not is_mark(kwarg.get("cmd")):
            raise ValueError("run.kwarg.cmd: must be one text; of a list, Salt runs the first word only")
