"""Warnings about today's organisation: for which applicants a rule finds nobody, or nobody could act.

Rules that depend on the form or on the applicant's choice are not checked, nor are nodes with such a rule.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from accounts.organisation.people import Person, PersonFacts
from templates_engine.approvers import Circumstances, Organisation, Rule, RuleFailed, Seating, kind_of, seat_people
from templates_engine.approvers.rules import RULES
from templates_engine.findings.finding import Finding
from templates_engine.language.checker import Assumption
from templates_engine.language.expressions import ExpressionFailed, Facts
from templates_engine.language.keys import fields_read
from templates_engine.parts import Node
from templates_engine.proofs.base import Subject, each_node
from templates_engine.text import Text, both

SEATS = {"approval": "approvers", "confirm": "assignees", "cc": "to"}
MOST_NAMED = 20
MOST_QUESTIONS = 300_000  # per document; the rules beyond this limit are not checked
FIXED = {"user", "role"}  # finds the same people for every applicant
UNKNOWN_YET = {"form_user", "chosen_by"}
_OPEN = re.compile(r"\b(form|filled|ticket|item)\b")

Found = Mapping[int, tuple[int, ...]]  # applicant's id → ids of the people that a rule finds


class Everybody(Organisation, Protocol):
    """An organisation that can list all its people; accounts.organisation.snapshot.Snapshot is one."""

    @property
    def everybody(self) -> list[Person]:
        """All active people, by username."""
        ...

    def facts(self, person: Person) -> PersonFacts:
        """The facts about an applicant that expressions may read."""
        ...


def warn(subject: Subject, organisation: Everybody, audience: list[Person]) -> Iterator[Finding]:
    """Findings for rules that find nobody for some of the audience, and for nodes where nobody could act for them."""
    if not audience:
        return
    evaluation = _Evaluation(subject, organisation, audience)
    for node, path, assumed in each_node(subject.document["chain"]):
        seats = SEATS.get(node["type"])
        if seats and not any(_is_open(rule) for rule in _rules(node)):
            yield from _of_node(evaluation, subject.nodes[node["node"]], f"{path}.{seats}", evaluation.coming(assumed))


def _rules(node: Node) -> list[Rule]:
    """The rules that seat people at this node."""
    said: Any = node
    return list(said[SEATS[node["type"]]])


def _of_node(evaluation: "_Evaluation", node: Node, path: str, coming: list[Person]) -> Iterator[Finding]:
    answers = [evaluation.found(rule) for rule in _rules(node)]
    judged = [answer for answer in answers if answer is not None]
    for index, answer in enumerate(answers):
        empty = [person for person in coming if answer is not None and not answer[person.id]]
        if empty:
            yield Finding("empty_rule", f"{path}[{index}]", {"people": named(empty, evaluation.audience)})
    if node["type"] != "cc" and len(judged) == len(answers):
        alone = [person for person in coming if not any(set(found[person.id]) - {person.id} for found in judged)]
        left = [person for person in alone if evaluation.seated(node, person).blocked]
        if left:
            yield Finding("nobody_acts", path, {"people": named(left, evaluation.audience)})


class _Evaluation:
    """Evaluates each different rule once for everybody."""

    def __init__(self, subject: Subject, organisation: Everybody, audience: list[Person]) -> None:
        self.subject = subject
        self.organisation = organisation
        self.audience = audience
        self.left = MOST_QUESTIONS
        self._known: dict[str, Found | None] = {}
        self._kept_out: dict[Assumption, frozenset[int]] = {}

    def coming(self, assumed: tuple[Assumption, ...]) -> list[Person]:
        """The people whose tickets can reach a node, judged by conditions that read only the applicant."""
        out: set[int] = set()
        for assumption in assumed:
            if assumption not in self._kept_out:
                self._kept_out[assumption] = frozenset(self._not_coming(*assumption))
            out |= self._kept_out[assumption]
        return [person for person in self.audience if person.id not in out]

    def _not_coming(self, condition: str, wanted: bool) -> Iterator[int]:
        if _OPEN.search(condition):
            return
        self.left -= len(self.audience)
        for person in self.audience if self.left >= 0 else []:
            try:
                if self.subject.expressions.condition(condition, self._asked(person).facts) is not wanted:
                    yield person.id
            except ExpressionFailed:
                continue

    def found(self, rule: Rule) -> Found | None:
        """The people that a rule finds, for each person in the audience; None once the cost limit is reached."""
        written = repr(sorted(rule.items()))
        if written not in self._known:
            self._known[written] = self._ask(rule)
        return self._known[written]

    def _ask(self, rule: Rule) -> Found | None:
        if kind_of(rule) in FIXED:
            same = self._one(rule, self.audience[0])
            return dict.fromkeys((person.id for person in self.audience), same)
        self.left -= len(self.audience)
        if self.left < 0:
            return None
        return {person.id: self._one(rule, person) for person in self.audience}

    def _one(self, rule: Rule, person: Person) -> tuple[int, ...]:
        try:
            seats = RULES[kind_of(rule)](rule, self._asked(person), "")
        except RuleFailed:
            return ()
        return tuple(seat.person.id for seat in seats)

    def seated(self, node: Node, person: Person) -> Seating:
        """The assignees of this node for this applicant."""
        return seat_people(node, self._asked(person))

    def _asked(self, person: Person) -> Circumstances:
        facts = Facts({}, self.organisation.facts(person), {})
        return Circumstances(person, self.organisation, facts, self.subject.expressions)


def _is_open(rule: Rule) -> bool:
    """Whether its result depends on more than the applicant."""
    written = f"{rule.get('of', '')} {rule.get('expression', '')}"
    return kind_of(rule) in UNKNOWN_YET or bool(_OPEN.search(written)) or bool(fields_read(written))


def named(people: list[Person], audience: list[Person]) -> Text:
    """The number of people, and the first usernames."""
    names = [person.username for person in people[:MOST_NAMED]]
    more = ["…"] if len(people) > len(names) else []
    every = len(people) == len(audience)
    noun = "person" if len(people) == 1 else "people"
    return both(
        f"{'全部 ' if every else ''}{len(people)} 人：{'、'.join(names + more)}",
        f"{'all ' if every and len(people) > 1 else ''}{len(people)} {noun}: {', '.join(names + more)}",
    )
