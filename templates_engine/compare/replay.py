"""Runs past tickets through a new version of their template.

Each ticket follows the version of its submission and the new one, both with today's organisation, so the differences
come from the template and not from changes in the organisation.
"""

from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from accounts.organisation.snapshot import Snapshot
from templates_engine.approvers import Organisation
from templates_engine.compare.diff import Change, compare_steps
from templates_engine.errors import TemplateRefused
from templates_engine.findings.finding import Finding
from templates_engine.forms.values import check_form
from templates_engine.language.expressions import Facts
from templates_engine.ports import Past, past_tickets
from templates_engine.program.program import Program, build, compile_chain
from templates_engine.program.route import Step, Unplannable, route
from templates_engine.store import commands, queries
from templates_engine.store.programs import load
from templates_engine.text import localize

MOST = 1000
Chain = list[dict[str, Any]]


@dataclass(frozen=True)
class Difference:
    """A ticket whose chain would differ. before, after: [{node, name, assignees}].

    changes: what its steps would do differently, such as mode, deadline or action. errors: why its values do not fit
    the new version, or where the path cannot be determined.
    """

    number: str
    before: Chain
    after: Chain
    errors: list[Finding] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    def render(self) -> dict[str, Any]:
        """The API's JSON, in the caller's language."""
        errors = [finding.render() for finding in self.errors]
        changes = [change.render() for change in self.changes]
        chains = {"before": self.before, "after": self.after}
        return {"number": self.number, **chains, "changes": changes, "errors": errors}


@dataclass(frozen=True)
class Replayed:
    """The result of a replay. checked: how many tickets were run."""

    checked: int
    changed: list[Difference]


def replay(new: Program, last: int, viewer: User | None) -> Replayed:
    """Run the last tickets of this template that the viewer may see through `new`; at most `last`."""
    past = past_tickets()(new.key, max(1, min(last, MOST)), viewer)
    organisation = Snapshot()
    differences = (difference(load(ticket.version_id), new, ticket, organisation) for ticket in past)
    return Replayed(len(past), [found for found in differences if found is not None])


def difference(old: Program, new: Program, ticket: Past, organisation: Organisation) -> Difference | None:
    """What the new version changes for one ticket; None if nothing."""
    before, _unsure = _chain_of(old, ticket, ticket.facts.form, organisation)
    kept = {key: value for key, value in ticket.facts.form.items() if key in new.expressions.fields}
    values, errors = check_form(new.expressions, kept, ticket.facts.applicant, ticket.facts.ticket)
    after, unsure = _chain_of(new, ticket, values, organisation)
    errors += unsure
    on_way = {row["node"] for row in after}
    changes = list(compare_steps(old.document, new.document, on_way))
    if before == after and not errors and not changes:
        return None
    return Difference(ticket.number, before, after, errors, changes)


def _chain_of(
    program: Program, ticket: Past, form: dict[str, Any], organisation: Organisation
) -> tuple[Chain, list[Finding]]:
    """(the chain with its assignees, as far as it can be determined; findings about the rest)."""
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
