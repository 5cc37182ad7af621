"""What a new version would have done with the tickets of the past.

Each is walked through the version it was handed in under and through the new one, with the people of today on both
sides: what differs is what the author changed, not what the organisation did.
"""

from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from accounts.snapshot import Snapshot
from templates_engine import commands, queries
from templates_engine.approvers import Organisation
from templates_engine.diff import Change, compare_steps
from templates_engine.errors import TemplateRefused
from templates_engine.expressions import Facts
from templates_engine.findings import Finding
from templates_engine.ports import Past, past_tickets
from templates_engine.program import Program, build, compile_chain, load
from templates_engine.route import Step, Unplannable, route
from templates_engine.text import localize
from templates_engine.values import check_form

MOST = 1000
Chain = list[dict[str, Any]]


@dataclass(frozen=True)
class Difference:
    """A ticket whose chain would be another: before and after as [{node, name, assignees}].

    changes: what its steps would do otherwise, such as a mode, a time limit, or what runs. errors: why its values do
    not fit the new version, or where its way cannot be judged.
    """

    number: str
    before: Chain
    after: Chain
    errors: list[Finding] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    def render(self) -> dict[str, Any]:
        """As the API answers it, in the caller's language."""
        errors = [finding.render() for finding in self.errors]
        changes = [change.render() for change in self.changes]
        chains = {"before": self.before, "after": self.after}
        return {"number": self.number, **chains, "changes": changes, "errors": errors}


@dataclass(frozen=True)
class Replayed:
    """checked: how many tickets were walked."""

    checked: int
    changed: list[Difference]


def replay(new: Program, last: int, viewer: User | None) -> Replayed:
    """Walk the last so many tickets of this template that the viewer may see through `new`."""
    past = past_tickets()(new.key, max(1, min(last, MOST)), viewer)
    organisation = Snapshot()
    differences = (difference(load(ticket.version_id), new, ticket, organisation) for ticket in past)
    return Replayed(len(past), [found for found in differences if found is not None])


def difference(old: Program, new: Program, ticket: Past, organisation: Organisation) -> Difference | None:
    """What the new version changes for one ticket; None where its chain stays the same."""
    before, _unsure = _walk(old, ticket, ticket.facts.form, organisation)
    kept = {key: value for key, value in ticket.facts.form.items() if key in new.expressions.fields}
    values, errors = check_form(new.expressions, kept, ticket.facts.applicant, ticket.facts.ticket)
    after, unsure = _walk(new, ticket, values, organisation)
    errors += unsure
    on_way = {row["node"] for row in after}
    changes = list(compare_steps(old.document, new.document, on_way))
    if before == after and not errors and not changes:
        return None
    return Difference(ticket.number, before, after, errors, changes)


def _walk(
    program: Program, ticket: Past, form: dict[str, Any], organisation: Organisation
) -> tuple[Chain, list[Finding]]:
    """(the chain with its people, as far as it can be judged; what cannot)."""
    facts = Facts(form, ticket.facts.applicant, ticket.facts.ticket)
    try:
        return _rows(route(program, facts, ticket.applicant, organisation, chosen=ticket.chosen)), []
    except Unplannable as error:
        return _rows(error.steps), [error.finding]


def _rows(steps: list[Step]) -> Chain:
    return [
        {"node": step.node, "name": localize(step.name), "assignees": [p.username for p in queries.acting(step)]}
        for step in steps
    ]


def candidate(key: str, text: str | bytes) -> Program:
    """The program of a document that is not stored, for this template. Raises TemplateRefused."""
    checked = commands.check(text)
    document = checked.document
    if checked.ok and document is not None and document["key"] != key:
        checked.errors.append(Finding("wrong_value", "key", {"value": document["key"], "allowed": key}))
    if not checked.ok or document is None:
        raise TemplateRefused(errors=[finding.render() for finding in checked.errors])
    return build(compile_chain(document), 0, document)


def stored(key: str, number: int | None) -> Program:
    """The program of a stored version (default: the newest). Raises NoSuchTemplate."""
    version = queries.version_of(key, number) if number is not None else queries.newest_version(key)
    return load(version.pk)
