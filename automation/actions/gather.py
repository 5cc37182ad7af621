"""Reads all actions of a tree: every folder below `actions/` with the files it includes, and all problems."""

import re
from collections.abc import Iterable, Iterator, Mapping

from accounts.models import Department, Role, User
from automation.actions.action_check import DOCUMENT, read
from automation.actions.cross import Known, cross_problems
from automation.actions.document import Action, made
from automation.actions.files import BYTES_MAX, FILE_MAX, FILES_MAX, check_path
from automation.actions.problems import Finding
from automation.actions.shape import KEY
from automation.actions.source_tree import Entry, Tree
from common import yaml_reader
from templates_engine.text import Text, both

ROOT = "actions"
ACTIONS_MAX = 500
ODD = {
    "link": both("是符号链接，请放真正的文件", "is a link: put the file itself there"),
    "submodule": both("是子模块，请放真正的文件", "is a submodule: put the files themselves there"),
    "special": both("不是普通文件", "is no plain file"),
}


def gather(tree: Tree, known: Known, names: Iterable[str]) -> tuple[list[Action], list[Finding]]:
    """All actions of a tree and all their problems. known, names: the actions that exist outside the tree."""
    keys, found = _keys(tree)
    actions = []
    for key in keys:
        action, wrong = _action(tree, key)
        found += wrong
        if action is not None:
            actions.append(action)
    if not found:
        own = {action.key: action for action in actions}
        every = sorted({*own, *names})
        for action in actions:
            where = _document(action.key)
            found += [
                Finding(where, None, key, what)
                for key, what in cross_problems(action, lambda k: own.get(k) or known(k), every)
            ]
            found += [Finding(where, None, "usable_by", what) for what in _nobody(action)]
    return actions, found


def _document(key: str) -> str:
    return f"{ROOT}/{key}/{DOCUMENT}"


def _keys(tree: Tree) -> tuple[list[str], list[Finding]]:
    """The names of the action folders, and problems of these names."""
    below = [name.split("/") for name in tree.entries if name.startswith(f"{ROOT}/")]
    if not below:
        return [], [
            Finding(ROOT, None, "", both("没有 actions/ 目录", "there is no folder actions/ with an action in it"))
        ]
    found = []
    for path in below:
        if len(path) == 2 and path[1].endswith((".yaml", ".yml")):
            what = both("动作是目录：actions/<键>/action.yaml", "an action is a folder: actions/<key>/action.yaml")
            found.append(Finding("/".join(path), None, "", what))
    keys = sorted({path[1] for path in below if len(path) > 2})
    for key in keys:
        if re.match(KEY, key) is None or len(key) > 64:
            what = both("键应像 acme.restart", "a key looks like acme.restart: small letters, digits, _, and a dot")
            found.append(Finding(f"{ROOT}/{key}"[:200], None, "key", what))
    if len(keys) > ACTIONS_MAX:
        found.append(Finding(ROOT, None, "", both(f"最多 {ACTIONS_MAX} 个动作", f"{ACTIONS_MAX} actions at most")))
    return ([] if found else keys), found


def _action(tree: Tree, key: str) -> tuple[Action | None, list[Finding]]:
    """One action, or None if there are problems."""
    prefix = f"{ROOT}/{key}/"
    own = {name.removeprefix(prefix): name for name in tree.entries if name.startswith(prefix)}
    found = list(_unfit(tree.entries, own))
    if found:
        return None, found
    files = tree.read(own.values())
    content = {short: files[name] for short, name in own.items()}
    included, found = _included(tree, key, content)
    more = {name: name for name in included}
    found = found or list(_unfit(tree.entries, own | more))
    if found:
        return None, found
    content |= tree.read(more.values())
    raw, found = read(content, key, _document(key))
    return (made(raw, content, key) if raw is not None else None), found


def _unfit(entries: Mapping[str, Entry], files: Mapping[str, str]) -> Iterator[Finding]:
    """Files that cannot be used because of their kind, name or size."""
    total = 0
    for short, name in files.items():
        entry = entries[name]
        total += entry.size
        if entry.odd:
            yield Finding(name, None, "", ODD[entry.odd])
        elif entry.size > FILE_MAX:
            yield Finding(name, None, "", both(f"超过 {FILE_MAX >> 20} MB", f"is larger than {FILE_MAX >> 20} MB"))
        try:
            check_path(short)
        except ValueError as error:
            yield Finding(name[:200], None, "", str(error))
    if len(files) > FILES_MAX or total > BYTES_MAX:
        limit = f"{FILES_MAX} / {BYTES_MAX >> 20} MB"
        yield Finding(
            next(iter(files.values()), ""), None, "", both(f"一个动作最多 {limit}", f"an action holds {limit} at most")
        )


def _included(tree: Tree, key: str, content: dict[str, bytes]) -> tuple[list[str], list[Finding]]:
    """The files that `include` names. An unreadable document gives nothing here; `read` reports it later."""
    try:
        raw, _repeated, lines = yaml_reader.read_with_lines(content.get(DOCUMENT, b""))
    except yaml_reader.Unreadable:
        return [], []
    wanted = raw.get("include") if isinstance(raw, dict) else None
    names: list[str] = []
    found = []
    for index, path in enumerate(wanted if isinstance(wanted, list) else []):
        place = f"include[{index}]"
        taken, what = _below(tree, str(path), content)
        names += taken
        if what:
            found.append(Finding(_document(key), lines.get(place), place, what))
    return list(dict.fromkeys(names)), found


def _below(tree: Tree, path: str, content: dict[str, bytes]) -> tuple[list[str], Text]:
    """The files at or below a path of the tree, and the problem with the path ("" for none)."""
    try:
        check_path(path)
    except ValueError as error:
        return [], str(error)
    if path == ROOT or path.startswith(f"{ROOT}/"):
        return [], both("不能包含其他动作的目录", "must lie outside actions/")
    names = [name for name in tree.entries if name == path or name.startswith(f"{path}/")]
    if not names:
        return [], both("没有这个文件或目录", "there is no such file or folder")
    if twice := next((name for name in names if name in content), None):
        return [], both(f"动作目录里已有 {twice}", f"the action has a {twice} of its own")
    return names, ""


def _nobody(action: Action) -> Iterator[Text]:
    """Rules of usable_by that name a role, department or user that does not exist."""
    tables = {"role": (Role, "key"), "department": (Department, "key"), "user": (User, "username")}
    for entry in action.usable_by:
        for kind, name in entry.items() if isinstance(entry, dict) else ():
            model, column = tables[kind]
            if not model._default_manager.filter(**{column: name}).exists():
                yield both(f"没有 {kind} {name}", f"there is no {kind} {name}")
