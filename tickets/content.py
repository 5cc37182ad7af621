"""Making a content version: values checked, the way known, every plan rendered, all of it hashed (I5, I15)."""

from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.people import Organisation, person
from accounts.people import facts as applicant_facts
from templates_engine.expressions import Facts
from templates_engine.nodes.automation import SINGLE_FIELD
from templates_engine.program import Program
from templates_engine.route import Unplannable, render, route
from templates_engine.values import check_form
from tickets.digests import content_digest
from tickets.errors import Invalid, PlanRefused
from tickets.models import ContentVersion, Ticket
from tickets.models.content import Plan
from tickets.ports import planner


def make_content(
    ticket: Ticket, program: Program, form: Any, *, by: User, at: datetime, draft: bool = False
) -> ContentVersion:
    """The next content version of a ticket, unsaved. A draft may lack required fields and has no plans yet.

    Raises Invalid with every field's problem, and PlanRefused where an action would not accept the values.
    """
    known = {
        "applicant": applicant_facts(ticket.applicant),
        "ticket": {"priority": ticket.priority, "title": ticket.title},
    }
    values, findings = check_form(program.expressions, form, known["applicant"], known["ticket"], complete=not draft)
    if findings:
        raise Invalid([finding.render() for finding in findings])
    facts = Facts(values, known["applicant"], known["ticket"])
    plans = {} if draft else make_plans(program, facts, ticket.applicant)
    return ContentVersion(
        ticket=ticket,
        number=(ticket.content.number if ticket.content else 0) + 1,
        form=values,
        facts=known,
        plans=plans,
        digest=content_digest(template_version_id=ticket.template_version_id, form=values, facts=known, plans=plans),
        created_by=by,
        created_at=at,
    )


def preview_plans(program: Program, facts: Facts, applicant: User) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(what would run with these values, as people read it; what an action would refuse, as findings)."""
    try:
        plans = make_plans(program, facts, applicant)
    except Invalid as refused:
        return [], refused.errors or []
    return [{**plan, **planner().describe(plan)} for plan in plans.values()], []


def blamed_field(finding: dict[str, Any], program: Program) -> dict[str, Any]:
    """A planner's finding at the form field that it is about, where the node takes that field as it is."""
    _plans, key, place = finding["path"].split(".", 2) if finding["path"].count(".") > 1 else ("", "", "")
    node = program.nodes.get(key, {})
    sources = {f"params.{name}": source for name, source in node.get("params", {}).items()}
    for prefix, source in (sources | {"targets": node.get("targets")}).items():
        whole = place == prefix or place.startswith((f"{prefix}[", f"{prefix}."))
        if whole and isinstance(source, str) and SINGLE_FIELD.fullmatch(source):
            return {**finding, "path": source + place.removeprefix(prefix)}
    return finding


def make_plans(program: Program, facts: Facts, applicant: User) -> dict[str, Plan]:
    """The plan of every automation node on the ticket's way. Raises Invalid and PlanRefused."""
    plans: dict[str, Plan] = {}
    problems: list[dict[str, Any]] = []
    try:
        for step in route(program, facts, person(applicant), Organisation()):
            if step.type != "automation":
                continue
            asked = render(program, step.node, facts)
            try:
                plans[step.node] = planner().plan(
                    node=step.node, action=asked.action, params=asked.params, hosts=asked.hosts,
                    not_before=asked.not_before,
                )  # fmt: skip
            except PlanRefused as refused:
                problems += [blamed_field(finding, program) for finding in refused.errors or []]
    except Unplannable as error:
        raise Invalid([error.finding.render()]) from error
    if problems:
        raise PlanRefused(problems)
    return plans
