"""Make a content version: check the values, find the way, render every plan, hash everything (I05, I15)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from accounts.organisation.people import PersonFacts, person
from accounts.organisation.people import facts as applicant_facts
from templates_engine.findings.finding import Finding
from templates_engine.forms.references import missing_references, references
from templates_engine.forms.values import check_edit, check_form
from templates_engine.language.expressions import Facts
from templates_engine.program.chosen import check_chosen
from templates_engine.program.route import Unplannable, way
from tickets.content.planned_children import bar, plan_children
from tickets.content.plans import plans_on
from tickets.engine.walk import Walk
from tickets.errors import Invalid
from tickets.files.binding import bind
from tickets.models import ContentVersion, Ticket
from tickets.models.content import Child, Plan
from tickets.rules.dry_run_rules import keep_standing
from tickets.rules.returns import locked_fields
from tickets.trail.digests import content_digest


@dataclass
class Content:
    """Parts of a content version before it is hashed."""

    form: dict[str, Any]
    facts: dict[str, Any]
    plans: dict[str, Plan] = field(default_factory=dict)
    children: dict[str, list[Child]] = field(default_factory=dict)


def make_content(
    walk: Walk,
    form: Any,
    *,
    by: User,
    draft: bool = False,
    chosen: Mapping[str, list[str]] | None = None,
    applicant: PersonFacts | None = None,
) -> ContentVersion:
    """The next content version of a ticket, unsaved. A draft may lack required fields and has no plans yet.

    chosen: node → usernames chosen by the applicant (default: as before). applicant: the facts of the applicant, if
    already known. After a return, fields that are read-only at the node which returned the ticket keep their values.
    Raises Invalid with the problems of every field, and PlanRefused if an action would not accept the values.
    """
    ticket, before = walk.ticket, walk.ticket.content
    facts = _facts(ticket, applicant)
    values, findings = check_form(
        walk.program.expressions, form, facts["applicant"], facts["ticket"],
        complete=not draft, before=before.form if before else None, locked=locked_fields(ticket, walk.program),
    )  # fmt: skip
    if chosen is None and before is not None:
        chosen = before.facts.get("chosen")
    if chosen:
        facts["chosen"] = chosen
    findings += missing_references(references(walk.program.form, values))
    return _content(walk, Content(values, facts), findings, by=by, draft=draft)


def edit_content(walk: Walk, changes: Any, allowed: Collection[str], *, by: User) -> ContentVersion:
    """The content after an approver changed some of the fields allowed at the node, unsaved.

    Raises Invalid, PlanRefused.
    """
    before = walk.content
    facts = before.facts
    values, findings = check_edit(
        walk.program.expressions, before.form, changes, allowed, facts["applicant"], facts["ticket"]
    )
    findings += missing_references(
        references(walk.program.form, values), standing=references(walk.program.form, before.form)
    )
    return _content(walk, Content(values, dict(facts)), findings, by=by, draft=False)


def differs(before: ContentVersion, after: ContentVersion) -> bool:
    """Whether there is anything new to approve; `amends` and `again` are ignored."""
    parts = [
        (content.form, {**content.facts, "amends": None, "again": None}, content.plans, content.children)
        for content in (before, after)
    ]
    return parts[0] != parts[1]


def void(before: ContentVersion, after: ContentVersion, *, editor: User) -> None:
    """Make an edited content, unsaved, need all approvals anew.

    The editor joins its `editors`, and those of its sub-tickets, and so may not sign them (I03).
    """
    after.facts.pop("amends", None)
    after.facts.pop("again", None)
    after.facts["editors"] = sorted({*before.facts.get("editors", ()), editor.pk})
    bar(after.children, after.facts["editors"])
    after.digest = digest_of(after.ticket, after)


def amend(before: ContentVersion, after: ContentVersion, fallen: Collection[str]) -> None:
    """Let decisions made on earlier contents count for a changed one, unsaved; except at the nodes in `fallen`."""
    after.facts["amends"] = [*before.facts.get("amends", ()), before.digest]
    again = before.facts.get("again", {}) | dict.fromkeys(fallen, len(after.facts["amends"]))
    if again:
        after.facts["again"] = again
    after.digest = digest_of(after.ticket, after)


def _facts(ticket: Ticket, applicant: PersonFacts | None) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "applicant": applicant or applicant_facts(ticket.applicant),
        "ticket": {"priority": ticket.priority, "title": ticket.title},
    }
    before = ticket.content.facts if ticket.content else {}
    return facts | {key: before[key] for key in ("editors", "foreseen") if before.get(key)}


def _content(walk: Walk, content: Content, findings: list[Finding], *, by: User, draft: bool) -> ContentVersion:
    """Render what is to be approved, and hash it. Raises Invalid, PlanRefused."""
    problems = [finding.render() for finding in findings]
    refused, files = bind(content.form, walk.program.form, actor=by, ticket=walk.ticket)
    problems += refused
    if problems:
        raise Invalid(problems)
    content.facts.pop("attachments", None)  # an edit may have removed the last file
    if files:
        content.facts["attachments"] = files
    if not draft:
        _render(walk, content)
    keep_standing(content.facts, content.plans)
    version = ContentVersion(
        ticket=walk.ticket,
        number=walk.ticket.content.number + 1 if walk.ticket.content else 1,
        form=content.form,
        facts=content.facts,
        plans=content.plans,
        children=content.children,
        created_by=by,
        created_at=walk.at,
    )
    version.digest = digest_of(walk.ticket, version)
    return version


def digest_of(ticket: Ticket, content: ContentVersion) -> str:
    """The digest that an approver of this content signs."""
    return content_digest(
        template_version_id=ticket.template_version_id,
        form=content.form,
        facts=content.facts,
        plans=content.plans,
        children=content.children,
    )


def _render(walk: Walk, content: Content) -> None:
    """Plan every automation and every sub-ticket on the way. Raises Invalid, PlanRefused."""
    facts = Facts(content.form, content.facts["applicant"], content.facts["ticket"])
    chosen = content.facts.get("chosen", {})
    applicant = person(walk.ticket.applicant)
    try:
        steps = way(walk.program, facts)
        wrong = list(check_chosen(walk.program, steps, chosen, applicant, walk.organisation))
        if wrong:
            raise Invalid([finding.render() for finding in wrong])
        content.plans = plans_on(walk.program, facts, steps)
        content.children = plan_children(walk.program, facts, steps, walk.ticket.applicant, walk.organisation)
        if "editors" in content.facts:
            bar(content.children, content.facts["editors"])
    except Unplannable as error:
        raise Invalid([error.finding.render()]) from error
