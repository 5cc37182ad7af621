"""One function for each kind of rule: it returns the people that the rule names, each with the reason."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from accounts.organisation.asks import Asks
from accounts.organisation.people import Person
from templates_engine.approvers.people import Circumstances, Seat
from templates_engine.language.expressions import ExpressionFailed
from templates_engine.parts import Node, Rule
from templates_engine.text import Text, both, localize


class RuleFailed(Exception):
    """A rule could not be evaluated. Callers must not treat this as "nobody found" (I26, A12)."""


def kind_of(rule: Rule) -> str:
    """The rule's kind: `role_of` for `{role: dba, of: …}`, else its key."""
    return "role_of" if "of" in rule else next(iter(rule))


def has_rule(node: Node, kind: str) -> bool:
    """Whether this node has a rule of this kind for its assignees."""
    return any(kind_of(rule) == kind for rule in node.get("approvers") or node.get("assignees") or [])


def _seats(people: Iterable[Person], reason: Text) -> list[Seat]:
    return [Seat(person, reason) for person in people]


def _user(rule: Rule, asked: Circumstances, node: str) -> list[Seat]:
    return _seats(_named(rule, asked, node), both("模板指定", "named by the template"))


def _role(rule: Rule, asked: Circumstances, _node: str) -> list[Seat]:
    role = rule["role"]
    return _seats(asked.organisation.role_holders(role), both(f"角色 {role}", f"role {role}"))


def _role_of(rule: Rule, asked: Circumstances, _node: str) -> list[Seat]:
    role, department = rule["role"], _value(asked, rule["of"])
    if not isinstance(department, str):
        raise RuleFailed("not a department's key")
    reason = both(f"部门 {department} 的角色 {role}", f"role {role} of the department {department}")
    return _seats(asked.organisation.in_department(role, department), reason) if department else []


def _manager(rule: Rule, asked: Circumstances, _node: str) -> list[Seat]:
    line, level = asked.organisation.managers(asked.applicant), rule["manager"]
    return _levels(line, asked.applicant, level, level)


def _managers_up_to(rule: Rule, asked: Circumstances, _node: str) -> list[Seat]:
    return _levels(asked.organisation.managers(asked.applicant), asked.applicant, 1, rule["managers_up_to"])


def _levels(line: list[Person], applicant: Person, first: int, last: int) -> list[Seat]:
    return [
        Seat(person, _manager_words(applicant.username, level))
        for level, person in enumerate(line[:last], 1)
        if level >= first
    ]


def _manager_words(of: str, level: int) -> Text:
    if level == 1:
        return both(f"{of} 的直属上级", f"manager of {of}")
    return both(f"{of} 的第 {level} 级上级", f"manager {level} levels above {of}")


def _department_head(rule: Rule, asked: Circumstances, _node: str) -> list[Seat]:
    level, of = rule["department_head"], asked.applicant.username
    heads = asked.organisation.department_heads(asked.applicant)
    head = heads[level - 1] if len(heads) >= level else None
    zh = f"{of} 的部门负责人" if level == 1 else f"{of} 上 {level - 1} 级部门负责人"
    en = f"head of {of}'s department" + ("" if level == 1 else f", {level - 1} above")
    return [Seat(head, both(zh, en))] if head else []


def _form_user(rule: Rule, asked: Circumstances, node: str) -> list[Seat]:
    key = rule["form_user"]
    field = asked.expressions.fields.get(key)
    label: Text = (field and field.get("label")) or key
    reason = both(f"表单「{localize(label, 'zh')}」所填", f"named in the form: {localize(label, 'en')}")
    return _seats(_named(rule, asked, node), reason)


def _chosen_by(rule: Rule, asked: Circumstances, node: str) -> list[Seat]:
    return _seats(_named(rule, asked, node), both("申请人选定", "chosen by the applicant"))


def _applicant(_rule: Rule, asked: Circumstances, _node: str) -> list[Seat]:
    return [Seat(asked.applicant, both("申请人本人", "the applicant"))]


def _expression(rule: Rule, asked: Circumstances, node: str) -> list[Seat]:
    source = rule["expression"]
    shown = source if len(source) <= 80 else source[:79] + "…"
    return _seats(_named(rule, asked, node), both(f"表达式 {shown}", f"expression {shown}"))


def _value(asked: Circumstances, source: str) -> Any:
    if source not in asked.answers:
        try:
            asked.answers[source] = asked.expressions.evaluate(source, asked.facts)
        except ExpressionFailed as error:
            raise RuleFailed(str(error)) from error
    return asked.answers[source]


# Rules that give usernames: (rule, circumstances, node) → one username or several.
NAMES: dict[str, Callable[[Rule, Circumstances, str], Any]] = {
    "user": lambda rule, _asked, _node: rule["user"],
    "form_user": lambda rule, asked, _node: asked.facts.form.get(rule["form_user"], []),
    "chosen_by": lambda _rule, asked, node: asked.chosen.get(node, []),
    "expression": lambda rule, asked, _node: _value(asked, rule["expression"]),
}


def _named(rule: Rule, asked: Circumstances, node: str) -> list[Person]:
    return asked.organisation.by_usernames(_names(NAMES[kind_of(rule)](rule, asked, node)))


def know(rules: Iterable[tuple[Rule, str]], asked: Circumstances) -> None:
    """Load the people that these rules ask for, in at most one statement. rules: pairs of rule and node.

    Left out: roles of a department, and those to whom a node escalates.
    """
    names: list[str] = []
    kinds: set[str] = set()
    roles: list[str] = []
    for rule, node in rules:
        kinds.add(kind := kind_of(rule))
        if kind == "role":
            roles.append(rule["role"])
        elif kind in NAMES:
            with suppress(RuleFailed):  # reported later, when the people are seated
                names += _names(NAMES[kind](rule, asked, node))
    above = [asked.applicant] if kinds & {"manager", "managers_up_to"} else []
    heads = [asked.applicant] if "department_head" in kinds else []
    asked.organisation.know(names, roles, above, heads)


def asks_of(nodes: Iterable[Node]) -> Asks:
    """What the rules of these nodes ask of the organisation whatever a form says."""
    rules = [rule for node in nodes for rule in node.get("approvers") or node.get("assignees") or node.get("to") or ()]
    kinds = {kind_of(rule) for rule in rules}
    return Asks(
        roles=_printable(rule["role"] for rule in rules if kind_of(rule) == "role"),
        usernames=_printable(name for rule in rules if "user" in rule for name in _names(rule["user"])),
        managers=not kinds.isdisjoint({"manager", "managers_up_to"}),
        heads="department_head" in kinds,
    )


def _printable(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if name.isprintable()}))  # the database refuses others


def answers(rules: Iterable[Rule], asked: Circumstances, node: str) -> list[Any]:
    """What each of these rules reads from form, choice and applicant. If this stays equal, so do the people.

    None: the rule reads nothing, or cannot be evaluated.
    """
    return [_answer(rule, asked, node) for rule in rules]


def _answer(rule: Rule, asked: Circumstances, node: str) -> Any:
    kind = kind_of(rule)
    with suppress(RuleFailed):
        if kind == "role_of":
            return _value(asked, rule["of"])
        if kind in NAMES:
            return sorted(_names(NAMES[kind](rule, asked, node)))
    return None


def _names(value: Any) -> list[str]:
    """The usernames in a rule's result, one or several. Raises RuleFailed for anything else."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise RuleFailed("not a list of usernames")
    return [name for name in names if name]


RULES: dict[str, Callable[[Rule, Circumstances, str], list[Seat]]] = {
    "user": _user,
    "role": _role,
    "role_of": _role_of,
    "manager": _manager,
    "managers_up_to": _managers_up_to,
    "department_head": _department_head,
    "form_user": _form_user,
    "chosen_by": _chosen_by,
    "applicant": _applicant,
    "expression": _expression,
}


def gather(
    rules: Iterable[Rule], asked: Circumstances, because: Text = "", node: str = ""
) -> tuple[list[Seat], list[str]]:
    """Everybody the rules name, in order, each person once (I04); and the problems of rules that failed.

    because: added to the reasons. node: the key under which the applicant's choice is looked up.
    """
    rules = list(rules)
    know(((rule, node) for rule in rules), asked)
    seats: dict[int, Seat] = {}
    failed: list[str] = []
    for rule in rules:
        try:
            named = RULES[kind_of(rule)](rule, asked, node)
        except RuleFailed as error:
            failed.append(str(error))
            continue
        for seat in named:
            seats.setdefault(seat.person.id, Seat(seat.person, _with(seat.reason, because)))
    return list(seats.values()), failed


def found(rules: Iterable[Rule], asked: Circumstances, because: Text = "") -> list[Seat]:
    """Everybody the rules name; a rule that fails is skipped."""
    return gather(rules, asked, because)[0]


def _with(reason: Text, because: Text) -> Text:
    if not because:
        return reason
    return both(
        f"{localize(reason, 'zh')}，因为 {localize(because, 'zh')}",
        f"{localize(reason, 'en')}, because {localize(because, 'en')}",
    )
