"""An action's states: plain YAML in Salt's own format, without Jinja, sent to the minions as data (I15, A28, A29).

    Configuration of the site:
      file.managed:
        - name: {$join: [/etc/nginx/conf.d/, {$param: site}, .conf]}
        - contents: {$file: site.conf}
        - mode: "0644"
    Reload:
      service.running:
        - name: nginx
        - reload: true
        - watch: [{file: Configuration of the site}]

Nothing is rendered, looked up on the master or included: each minion gets what was approved. The states run in the
order of the file.
"""

import re
from collections.abc import Mapping
from typing import Any

from automation.executors.salt.references import Values, check, fill, is_mark, takes_values, texts
from common import yaml_reader

NAME = re.compile(r"([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)")
SHELL = frozenset({"onlyif", "unless", "check_cmd"})  # shell commands, possible in any state
BESIDE_CHECK = frozenset({"tmp_dir", "tmp_ext"})  # Salt puts them into the command of check_cmd unquoted
CONTENTS = ("contents", "text", "content")
COMMANDS = frozenset({"cmd", "cron", "at"})
SAFE_IN_COMMANDS = frozenset({"cwd", "env", "runas", "stdin", "user", "identifier", "comment"})
SAFE_BESIDE_TEMPLATE = frozenset({"name", "context", "defaults", "user", "group", "mode"})
REFUSED = {
    "stdin_raw_newlines": "what was approved is what is read",
    "order": "states run in the order in which they stand",
    "listen": "use watch", "listen_in": "use watch",
    "parallel": "one after the other, so that the log tells what happened",
    "retry": "it waits where nobody sees it",
    "reload_grains": "facts are not looked up during a run", "reload_pillar": "facts are not looked up during a run",
    "pillar": "values come as marks",
    "contents_pillar": "values come as marks", "contents_grains": "values come as marks",
}  # fmt: skip
RAW = {"stdin_raw_newlines": True}  # otherwise Salt turns each backslash followed by n into a line break
TOP = frozenset({"include", "extend", "exclude"})

High = dict[str, Any]


def read_states(data: bytes, params: Mapping[str, Any], files: Mapping[str, bytes]) -> High:
    """Salt's high data, with marks. Raises ValueError, in one line that names the place."""
    try:
        raw, repeated = yaml_reader.read(data)
    except yaml_reader.Unreadable as error:
        hint = " (Jinja is not rendered: values come as {$param: name})" if b"{{" in data or b"{%" in data else ""
        raise ValueError(f"{error.where}: {error.message}{hint}") from error
    for twice in repeated:
        raise ValueError(f"line {twice.line}: {twice.path} stands a second time")
    if data.startswith(b"#!"):
        raise ValueError("line 1: no renderer can be chosen, it is plain YAML")
    if not isinstance(raw, dict) or not raw:
        raise ValueError("must be a mapping of state ids")
    high: High = {}
    for count, (name, body) in enumerate(raw.items()):
        high[name] = _declaration(name, body, count)
    check(high, params, files)
    return high


def _declaration(name: Any, body: Any, count: int) -> dict[str, Any]:
    if not isinstance(name, str) or name in TOP or name.startswith("__") or "_|-" in name:
        raise ValueError(f"{name}: cannot be the id of a state; what it needs stands in this file")
    if "{{" in name or "{%" in name:
        raise ValueError(f"{name}: Jinja is not rendered, values come as {{$param: name}}")
    if not isinstance(body, dict) or len(body) != 1:
        raise ValueError(f"{name}: must hold one state, such as file.managed")
    ((what, arguments),) = body.items()
    match = NAME.fullmatch(str(what))
    if match is None:
        raise ValueError(f"{name}.{what}: must be module.function")
    module, function = match.groups()
    found = list(_arguments(f"{name}.{what}", arguments))
    _check_arguments(f"{name}.{what}", module, dict(found))
    return {module: [function, *({key: value} for key, value in found), {"order": count + 1}]}


def _arguments(where: str, given: Any) -> list[tuple[str, Any]]:
    """Read [- key: value] or {key: value}; each key must be plain and occur once."""
    pairs: list[tuple[Any, Any]] = []
    for part in [given] if isinstance(given, dict) else given or []:
        if not isinstance(part, dict) or is_mark(part):
            raise ValueError(f"{where}: each argument must be `- name: value`")
        pairs += part.items()
    keys = [key for key, _value in pairs]
    for key in keys:
        if not isinstance(key, str) or re.fullmatch(r"[a-z][a-z0-9_]*", key) is None or keys.count(key) > 1:
            raise ValueError(f"{where}: {key!r} cannot be an argument, or stands twice")
    return pairs


def _check_arguments(where: str, module: str, arguments: dict[str, Any]) -> None:
    for key, why in REFUSED.items():
        if key in arguments:
            raise ValueError(f"{where}.{key}: not possible: {why}")
    for key, value in arguments.items():
        if not takes_values(value):
            continue
        if key in SHELL | BESIDE_CHECK or (module in COMMANDS and key not in SAFE_IN_COMMANDS):
            raise ValueError(f"{where}.{key}: a parameter in a command becomes code; hand it over in env or stdin")
        if "template" in arguments and key not in SAFE_BESIDE_TEMPLATE:
            raise ValueError(f"{where}.{key}: a parameter in a template becomes code; hand it over in context")
    if module in ("module", "salt", "saltmod", "state"):
        raise ValueError(f"{where}: calls whatever it is told to; use a state that says what it does")
    if "source" in arguments and "source_hash" not in arguments:
        raise ValueError(f"{where}.source: needs a source_hash, so that it is what was approved")
    refuse_master_files(where, arguments)


def refuse_master_files(where: str, arguments: dict[str, Any]) -> None:
    """Raises ValueError if a file would come from the master, where it may have changed since the approval (A29)."""
    for key in ("source", "sources"):
        if any(text.strip().lower().startswith("salt:") for text in texts(arguments.get(key))):
            raise ValueError(f"{where}.{key}: files of the master are not part of the action; use $file in contents")


def filled_states(high: High, values: Values) -> High:
    """The states as the minions get them. Raises ValueError if a value would act as more than data."""
    filled: High = fill(high, values)
    for name, body in filled.items():
        for module, found in body.items():
            arguments = {key: value for part in found[1:] for key, value in part.items()}
            refuse_master_files(name, arguments)
            if module == "file":
                _refuse_odd_lines(name, arguments)
                _keep_last_line(found)
            if module == "cmd" and "stdin" in arguments:
                found.insert(-1, RAW)
    return filled


def sent(high: High) -> High:
    """The form that Salt's compiler produces: without these names, a failed requisite would end the whole run."""
    return {name: {**body, "__sls__": "baton", "__env__": "base"} for name, body in high.items()}


def _keep_last_line(found: list[Any]) -> None:
    """`contents_newline: false` means the exact bytes: Salt's own handling would remove the last line feed."""
    arguments = {key: value for part in found[1:] for key, value in part.items()}
    contents = arguments.get("contents")
    if isinstance(contents, str) and contents.endswith("\n"):
        found[1:] = [part for part in found[1:] if "contents_newline" not in part]


def _refuse_odd_lines(where: str, arguments: dict[str, Any]) -> None:
    """Raises ValueError if Salt would write other bytes: it splits lines wherever Python's splitlines() does."""
    for key in CONTENTS:
        for text in texts(arguments.get(key)):
            if text.splitlines() != text.removesuffix("\n").split("\n") and text not in ("", "\n"):
                raise ValueError(
                    f"{where}.{key}: holds a character that Salt would write as a line break (such as CR)."
                )
