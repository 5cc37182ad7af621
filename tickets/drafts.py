"""Drafts: nothing is pinned before a ticket is handed in, so a draft is of its template as published now (I9)."""

from collections.abc import Mapping
from copy import copy
from typing import Any

from accounts.people import facts as applicant_facts
from templates_engine.approvers import has_rule
from templates_engine.errors import NoSuchTemplate
from templates_engine.models import TemplateVersion
from templates_engine.program import Program, load
from templates_engine.queries import usable_template
from templates_engine.references import missing_references, references
from templates_engine.values import check_form
from tickets.models import Ticket


def published_for(ticket: Ticket) -> TemplateVersion:
    """What a draft would be handed in under now. Raises NoSuchTemplate where its applicant may use none any more."""
    return usable_template(ticket.applicant, load(ticket.template_version_id).key)


def renew(ticket: Ticket) -> None:
    """Make a draft what its applicant would edit now, in memory: the version published now, what fits into its form."""
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
    """The values of those fields that there still are."""
    return {key: value for key, value in values.items() if key in program.expressions.fields}


def still_chosen(facts: Mapping[str, Any], program: Program) -> dict[str, list[str]]:
    """The people chosen for those nodes that still let the applicant choose."""
    free = {key for key, node in program.nodes.items() if has_rule(node, "chosen_by")}
    return {key: names for key, names in facts.get("chosen", {}).items() if key in free}


def still_right(values: Mapping[str, Any], program: Program, ticket: Ticket) -> dict[str, Any]:
    """Those of a ticket's values that a draft of this program may hold, each judged beside the others."""
    kept = still_asked(values, program)
    applicant, told = applicant_facts(ticket.applicant), {"priority": ticket.priority, "title": ticket.title}
    while True:
        stored, findings = check_form(program.expressions, kept, applicant, told, complete=False)
        findings += missing_references(references(program.form, stored))
        wrong = {finding.path.split(".")[1].split("[")[0] for finding in findings} & kept.keys()
        if not wrong:
            return kept
        kept = {key: value for key, value in kept.items() if key not in wrong}
