"""Checks whether the applicant alone picks who approves what runs; then only an accomplice would be asked.

An approval *binds* if it needs the signature of somebody whom the applicant did not pick. Every path to an automation
that changes something must contain one that binds; if none does, the picked approvals on it are reported. A person
named by the template itself counts as the author's choice, even if the form decides between several.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from templates_engine.approvers.rules import has_rule
from templates_engine.findings.finding import Finding
from templates_engine.language.expressions import Expressions
from templates_engine.language.syntax import Node, answers
from templates_engine.nodes import NODE_TYPES
from templates_engine.nodes.family import MAX_DEPTH
from templates_engine.nodes.runs import steps_of
from templates_engine.parts import Document, Rule
from templates_engine.parts import Node as ChainNode
from templates_engine.ports import ActionCatalogue

Chain = list[ChainNode]
MOST_NODES = 20_000  # including those of sub-tickets


@dataclass(frozen=True)
class Pick:
    """An approval whose approvers the applicant picks. path: its place, or that of its sub-ticket, in the document."""

    key: str
    path: str


@dataclass(frozen=True)
class State:
    """The state of the search. bound: an approval that binds is on the path; picks: the picked approvals before."""

    bound: bool = False
    picks: tuple[Pick, ...] = ()


@dataclass(frozen=True)
class Run:
    """An automation with no approval that binds before it.

    name: its node, with the sub-ticket that contains it. picks: the picked approvals before it.
    """

    name: str
    risk: str
    picks: tuple[Pick, ...]


@dataclass(frozen=True)
class Form:
    """A form and the fields that the applicant fills in; in a sub-ticket, those that get values from such fields."""

    expressions: Expressions
    filled_in: frozenset[str]
    item: bool = False  # whether list elements come from the applicant too

    def decides(self, source: str) -> bool:
        """Whether the applicant's input is part of an expression's result, and not only of its conditions."""
        tree = self.expressions.checker.tree(source)
        return tree is None or any(map(self._is_his, answers(tree.root)))

    def reads(self, source: str) -> bool:
        """Whether an expression depends on the applicant's input."""
        tree = self.expressions.checker.tree(source)
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
    document: Document,
    expressions: Expressions,
    actions: ActionCatalogue,
    templates: Mapping[str, Document],
) -> Iterator[Finding]:
    """Findings for approvals with picked approvers, if none that binds comes before something that runs; once each."""
    form = Form(expressions, frozenset(expressions.fields))
    runs = _Search(actions, templates).chain(document["chain"], "chain", State(), form)[0]
    named: set[Pick] = set()
    for run in sorted(runs, key=lambda run: run.risk != "high"):  # errors come before warnings
        for pick in run.picks:
            if pick not in named:
                named.add(pick)
                details = {"key": pick.key, "runs": run.name, "risk": run.risk}
                yield Finding("applicant_picks_approver", pick.path, details)


class _Search:
    """Walks through chains, and through those of the sub-tickets they open."""

    def __init__(self, actions: ActionCatalogue, templates: Mapping[str, Document]) -> None:
        self.actions = actions
        self.templates = templates
        self.depth = 0
        self.left = MOST_NODES
        self._known: dict[tuple[str, frozenset[str]], list[Run]] = {}
        self._forms: dict[str, Expressions] = {}

    def chain(self, chain: Chain, path: str, state: State, form: Form) -> tuple[list[Run], State]:
        """(automations without an approval that binds, the state at the end)."""
        found: list[Run] = []
        for index, node in enumerate(chain):
            here = f"{path}[{index}]"
            self.left -= 1
            if state.bound or self.left < 0:
                break  # the rest is bound, or there are too many nodes
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

    def _run(self, node: ChainNode, state: State) -> Iterator[Run]:
        found = [self.actions.get(step["action"]) for _path, step in steps_of(node)]
        changing = [action for action in found if action is not None and not action.is_read_only]
        if changing:
            risks = [action.risk for action in found if action is not None]
            yield Run(node["node"], "high" if "high" in risks else "low", state.picks)

    def _opened(self, node: ChainNode, path: str, form: Form) -> list[Run]:
        """The automations of a sub-ticket; its picks get the path of the node that opens it."""
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
    """The state after several inner chains: all were taken, or one of them."""
    needed = any if walks_all else all
    picks = dict.fromkeys(pick for end in ends if not end.bound for pick in end.picks)
    return State(needed(end.bound for end in ends), tuple(picks))


def _handed_over(node: ChainNode, form: Form) -> frozenset[str]:
    """The fields of the child's form that get values from the applicant's input."""
    if "for_each" in node:
        expressions = form.expressions.with_item_of(node["for_each"])
        form = Form(expressions, form.filled_in, item=form.item or form.decides(node["for_each"]))
    given = node.get("form", {})
    return frozenset(key for key, source in given.items() if isinstance(source, str) and form.decides(source))


def _binds(node: ChainNode, form: Form) -> bool:
    """Whether this approval binds: it needs a signature of somebody whom the applicant did not pick."""
    rules = [rule for rule in node["approvers"] if "applicant" not in rule]  # the applicant is never asked
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
    """Whether the applicant's input cannot make the rule find nobody."""
    return not any(form.reads(rule[key]) for key in ("expression", "of") if key in rule)


def _is_picked(rule: Rule, form: Form) -> bool:
    """Whether the applicant decides whom this rule finds."""
    if "expression" in rule:
        return form.decides(rule["expression"])
    return "chosen_by" in rule or rule.get("form_user") in form.filled_in
