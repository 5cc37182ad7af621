"""Does the applicant alone pick who approves what runs? Then an accomplice is asked, and nobody else.

An approval *binds* where somebody must sign whom the applicant did not pick. On every way to an automation that
changes something there must be one that binds; where there is none, those that he picks are named.
A person whom the template itself names is the author's choice, even where the form decides between several.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from templates_engine.approvers.rules import Rule, has_rule
from templates_engine.expressions import Expressions
from templates_engine.findings import Finding
from templates_engine.nodes import NODE_TYPES
from templates_engine.nodes.family import MAX_DEPTH
from templates_engine.ports import ActionCatalogue
from templates_engine.syntax import Node, answers

Chain = list[dict[str, Any]]
MOST_NODES = 20_000  # those of sub-tickets included


@dataclass(frozen=True)
class Pick:
    """An approval at which the applicant picks who signs. path: where it, or what opens it, stands in the document."""

    key: str
    path: str


@dataclass(frozen=True)
class State:
    """What the chain has come by. bound: somebody must have signed whom the applicant did not pick."""

    bound: bool = False
    picks: tuple[Pick, ...] = ()


@dataclass(frozen=True)
class Run:
    """An automation that nobody binds: on whose word it runs. name: its node, with the sub-ticket it stands in."""

    name: str
    risk: str
    picks: tuple[Pick, ...]


@dataclass(frozen=True)
class Form:
    """A form, and which of its fields the applicant fills in: of a sub-ticket's, those that come from the parent's."""

    expressions: Expressions
    filled_in: frozenset[str]
    item: bool = False  # whether elements of a list come from him, too

    def decides(self, source: str) -> bool:
        """Whether what he fills in is part of what an expression answers, not only of its conditions."""
        tree = self.expressions.judge.tree(source)
        return tree is None or any(map(self._is_his, answers(tree.root)))

    def reads(self, source: str) -> bool:
        """Whether it depends on what he fills in."""
        tree = self.expressions.judge.tree(source)
        return tree is None or any(self._is_his(node) or node.name == "filled" for node in tree.root.every())

    def _is_his(self, node: Node) -> bool:
        if node.kind != "name":
            return False
        return (
            node.name.removeprefix("form.") in self.filled_in
            or node.name.startswith("ticket.")
            or (node.name == "item" and self.item)
        )


def picked(
    document: dict[str, Any],
    expressions: Expressions,
    actions: ActionCatalogue,
    templates: Mapping[str, dict[str, Any]],
) -> Iterator[Finding]:
    """Each approval at which the applicant picks the only one who must sign before something runs: named once."""
    form = Form(expressions, frozenset(expressions.fields))
    runs = _Walk(actions, templates).chain(document["chain"], "chain", State(), form)[0]
    named: set[Pick] = set()
    for run in sorted(runs, key=lambda run: run.risk != "high"):  # what refuses comes first
        for pick in run.picks:
            if pick not in named:
                named.add(pick)
                details = {"key": pick.key, "runs": run.name, "risk": run.risk}
                yield Finding("applicant_picks_approver", pick.path, details)


class _Walk:
    """Goes through chains, and through those of the sub-tickets that they open."""

    def __init__(self, actions: ActionCatalogue, templates: Mapping[str, dict[str, Any]]) -> None:
        self.actions = actions
        self.templates = templates
        self.depth = 0
        self.left = MOST_NODES
        self._known: dict[tuple[str, frozenset[str]], list[Run]] = {}
        self._forms: dict[str, Expressions] = {}

    def chain(self, chain: Chain, path: str, state: State, form: Form) -> tuple[list[Run], State]:
        """(what runs without anybody who binds, the state at the end)."""
        found: list[Run] = []
        for index, node in enumerate(chain):
            here = f"{path}[{index}]"
            self.left -= 1
            if state.bound or self.left < 0:
                break  # whatever comes now is bound; or there is more than anybody writes
            if node["type"] == "approval":
                pick = Pick(node["node"], f"{here}.approvers")
                state = State(True) if _binds(node, form) else replace(state, picks=(*state.picks, pick))
            elif node["type"] == "automation":
                found += self._run(node, state)
            elif node["type"] == "subticket":
                opened = self._opened(node, f"{here}.template", form)
                found += (replace(run, picks=(*state.picks, *run.picks)) for run in opened)
            kind, ends = NODE_TYPES[node["type"]], []
            for suffix, inner in kind.inner_chains(node):
                more, end = self.chain(inner, here + suffix, state, form)
                found += more
                ends.append(end)
            if ends:
                state = _met(ends, walks_all=kind.walks_all)
        return found, state

    def _run(self, node: dict[str, Any], state: State) -> Iterator[Run]:
        action = self.actions.get(node["action"])
        if action is not None and not action.is_read_only:
            yield Run(node["node"], action.risk, state.picks)

    def _opened(self, node: dict[str, Any], path: str, form: Form) -> list[Run]:
        """What runs in a sub-ticket; who is picked there stands where it is opened."""
        key, child = node["template"], self.templates.get(node["template"])
        if child is None or self.depth >= MAX_DEPTH:
            return []
        his = _handed_over(node, form)
        if (key, his) not in self._known:
            if key not in self._forms:
                self._forms[key] = Expressions(child["form"])
            self.depth += 1
            self._known[key, his] = self.chain(child["chain"], "chain", State(), Form(self._forms[key], his))[0]
            self.depth -= 1
        return [
            replace(run, name=f"{key} / {run.name}", picks=tuple(replace(pick, path=path) for pick in run.picks))
            for run in self._known[key, his]
        ]


def _met(ends: list[State], *, walks_all: bool) -> State:
    """What is so where several chains meet again: all were walked, or one of them."""
    needed = any if walks_all else all
    picks = dict.fromkeys(pick for end in ends if not end.bound for pick in end.picks)
    return State(needed(end.bound for end in ends), tuple(picks))


def _handed_over(node: dict[str, Any], form: Form) -> frozenset[str]:
    """The fields of the child's form that the applicant fills in: those that come from what he filled in."""
    if "for_each" in node:
        expressions = form.expressions.with_item_of(node["for_each"])
        form = Form(expressions, form.filled_in, item=form.item or form.decides(node["for_each"]))
    given = node.get("form", {})
    return frozenset(key for key, source in given.items() if isinstance(source, str) and form.decides(source))


def _binds(node: dict[str, Any], form: Form) -> bool:
    """Whether somebody must sign at this approval whom the applicant did not pick."""
    rules = [rule for rule in node["approvers"] if "applicant" not in rule]  # he himself never sits
    handed_on = node.get("on_timeout")
    if isinstance(handed_on, dict) and _is_picked(handed_on["transfer"], form):
        return False
    his = [_is_picked(rule, form) for rule in rules]
    if not any(his):
        return True
    mode = node.get("mode", "sequence" if has_rule(node, "managers_up_to") else "any")
    everybody = mode in ("all", "sequence") or (isinstance(mode, dict) and mode["ratio"] == 1)
    return everybody and any(not picked and _is_sure(rule, form) for rule, picked in zip(rules, his, strict=True))


def _is_sure(rule: Rule, form: Form) -> bool:
    """Whether what he fills in cannot make a rule find nobody."""
    return not any(form.reads(rule[key]) for key in ("expression", "of") if key in rule)


def _is_picked(rule: Rule, form: Form) -> bool:
    """Whether whom a rule finds is the applicant's to say."""
    if "expression" in rule:
        return form.decides(rule["expression"])
    return "chosen_by" in rule or rule.get("form_user") in form.filled_in
