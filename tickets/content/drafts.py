"""Drafts: not pinned to a version; a draft follows the published version of its template (I09)."""

from collections.abc import Mapping
from copy import copy
from typing import Any

from accounts.organisation.people import facts as applicant_facts
from templates_engine.approvers import has_rule
from templates_engine.errors import NoSuchTemplate
from templates_engine.forms.references import missing_references, references
from templates_engine.forms.values import check_form
from templates_engine.models import TemplateVersion
from templates_engine.parts import TicketFacts
from templates_engine.program.program import Program
from templates_engine.store.programs import load
from templates_engine.store.queries import usable_template
from tickets.models import Ticket


def published_for(ticket: Ticket) -> TemplateVersion:
    """The version under which a draft would be submitted now. Raises NoSuchTemplate if the applicant may use none."""
    return usable_template(ticket.applicant, load(ticket.template_version_id).key)


def renew(ticket: Ticket) -> None:
    """Move a draft, in memory, to the version published now, with the values that fit its form."""
    try:
        version_id = published_for(ticket).pk
    except NoSuchTemplate:
        return
    if version_id == ticket.template_version_id or ticket.content is None:
        return
    program, content = load(version_id), copy(ticket.content)
    content.form = still_right(content.form, program, ticket)
    content.facts = {**content.facts, "chosen": still_chosen(content.facts, program)}
    ticket.template_version_id, ticket.content = version_id, content


def still_asked(values: Mapping[str, Any], program: Program) -> dict[str, Any]:
    """The values of those fields that still exist."""
    return {key: value for key, value in values.items() if key in program.expressions.fields}


def still_chosen(facts: Mapping[str, Any], program: Program) -> dict[str, list[str]]:
    """The people chosen for nodes that still let the applicant choose."""
    free = {key for key, node in program.nodes.items() if has_rule(node, "chosen_by")}
    return {key: names for key, names in facts.get("chosen", {}).items() if key in free}


def still_right(values: Mapping[str, Any], program: Program, ticket: Ticket) -> dict[str, Any]:
    """The values of a ticket that a draft of this program may hold, checked together."""
    kept = still_asked(values, program)
    applicant = applicant_facts(ticket.applicant)
    told = TicketFacts(priority=ticket.priority, title=ticket.title)
    while True:
        stored, findings = check_form(program.expressions, kept, applicant, told, complete=False)
        findings += missing_references(references(program.form, stored))
        wrong = {finding.path.split(".")[1].split("[")[0] for finding in findings} & kept.keys()
        if not wrong:
            return kept
        kept = {key: value for key, value in kept.items() if key not in wrong}
