"""Checks of one action by itself. Checks across actions: automation.actions.cross."""

from collections.abc import Iterator
from typing import Any

from automation.actions.batches import is_batch
from automation.actions.executors import Draft, executor_names, kind_of
from automation.actions.files import Files
from automation.actions.parameter_checks import check_problems
from automation.actions.parameters import compiled, problems
from automation.actions.problems import Finding, Problem
from automation.actions.schema import check_schema
from automation.actions.shape import ACTION, usual_dry_run
from common import yaml_reader
from templates_engine.reading.shapes import check
from templates_engine.text import both

DOCUMENT = "action.yaml"


def read(files: Files, name: str, where: str) -> tuple[dict[str, Any] | None, list[Finding]]:
    """The action.yaml among these files, as data, and its problems. The data is None if there are any problems.

    name: name of the action's folder, which is its key. where: path of the file, as shown to people.
    """
    if DOCUMENT not in files:
        return None, [Finding(where, None, "", both("缺少这个文件", "the file is missing"))]
    try:
        raw, repeated, lines = yaml_reader.read_with_lines(files[DOCUMENT])
    except yaml_reader.Unreadable as error:
        return None, [Finding(where, error.line, error.path, error.message)]
    found = [Finding(where, each.line, each.path, both("出现了第二次", "appears twice")) for each in repeated]
    if not isinstance(raw, dict):
        return None, [*found, Finding(where, 1, "", both("应为键值对", "must be a mapping"))]
    found += [_finding(where, lines, problem) for problem in _problems(raw, name)]
    if not found:
        found = [_finding(where, lines, problem) for problem in _section_problems(raw, files)]
    return (None if found else raw), found


def _finding(where: str, lines: dict[str, int], problem: Problem) -> Finding:
    """Add the line number of the problem's place. For a missing key, use the line of the nearest parent present."""
    path, what = problem
    place = path
    while place and place not in lines:
        place = place[: max(place.rfind("."), place.rfind("["), 0)]
    return Finding(where, lines.get(place, 1), path, what)


def _problems(raw: dict[str, Any], name: str) -> Iterator[Problem]:
    shape = [(finding.path, finding.message) for finding in check(raw, ACTION, "")]
    yield from shape
    if shape:
        return
    if raw["executor"] not in executor_names():
        names = ", ".join(executor_names())
        yield "executor", both(f"应为其中之一：{names}", f"must be one of: {names}")
        return
    if raw.get("key", name) != name:
        yield "key", both(f"必须是目录名 {name}", f"must be {name!r}, the name of its folder")
    if "batch" in raw and not is_batch(raw["batch"]):
        yield (
            "batch",
            both("应为台数、百分比或其列表", 'must be a number, a percentage such as "25%", or a list'),
        )
    executor = kind_of(raw["executor"])
    if not executor.foresees and raw.get("dry_run", "none") != "none":
        yield "dry_run", both("这种执行方式不能试运行", "nothing of this executor can be foreseen")
    if raw.get("read_only", False) and raw.get("dry_run", "none") != "none":
        yield "dry_run", both("只读动作没有可以预见的改动", "an action that changes nothing has nothing to foresee")
    if "health_check" in raw and raw.get("read_only", False):
        yield "health_check", both("只读动作不需要健康检查", "an action that changes nothing needs no health check")
    if "health_check" in raw and executor.is_by_hand:
        yield "health_check", both("人工执行没有健康检查", "what people do by hand has no health check by machine")
    if "recheck" in raw and _dry_run_of(raw) == "none":
        yield "recheck", both("不能试运行的动作无法复查", "what is not foreseen cannot be foreseen a second time")
    for key in ("params", "outputs"):
        if isinstance(raw.get(key), list):
            wrong = list(problems(raw[key], key))
            yield from wrong
            if wrong:
                return
    yield from _parameter_problems(raw)


def _parameter_problems(raw: dict[str, Any]) -> Iterator[Problem]:
    params = raw.get("params", [])
    if isinstance(params, list):
        if raw.get("labels"):
            yield "labels", both("参数列表自带标签", "the list of parameters has its labels itself")
        params = compiled(params, [])
    else:
        try:
            check_schema(params)
        except ValueError as error:
            yield "params", str(error).removeprefix("params: ")
            return
        if set(raw.get("labels", {})) != set(params.get("properties", {})):
            yield "labels", both("要给每个参数一个标签", "must name every parameter, and nothing else")
    yield from check_problems(raw.get("checks", []), params)


def _section_problems(raw: dict[str, Any], files: Files) -> Iterator[Problem]:
    """Problems that the action's executor finds in the section `run`."""
    params = raw.get("params", [])
    schema = compiled(params, []) if isinstance(params, list) else params
    dry_run = _dry_run_of(raw)
    try:
        kind_of(raw["executor"]).check_section(Draft(raw.get("run", {}), files, schema.get("properties", {}), dry_run))
    except (ValueError, OSError) as error:
        key, colon, what = str(error).partition(": ")
        is_source_path = bool(colon) and key.partition(".")[0] in ("run", "dry_run")
        yield (key, what) if is_source_path else ("run", str(error))


def _dry_run_of(raw: dict[str, Any]) -> str:
    said: str = raw.get("dry_run") or usual_dry_run(raw["executor"], is_read_only=raw.get("read_only", False))
    return said
