"""子工单: their content is planned, pinned and signed together with the parent's (I12)."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from accounts.models import User
from accounts.organisation.people import Organisation, person
from common.errors import Problem
from templates_engine.findings.finding import Finding
from templates_engine.forms.references import missing_references, references
from templates_engine.forms.titles import default_title
from templates_engine.forms.values import check_form
from templates_engine.language.expressions import Facts
from templates_engine.models import TemplateVersion
from templates_engine.parts import TicketFacts
from templates_engine.program.chosen import check_chosen
from templates_engine.program.program import Program
from templates_engine.program.rendering import render_children
from templates_engine.program.route import Step, Unplannable, way
from templates_engine.store.programs import load
from tickets.content.plans import plans_on
from tickets.errors import FixedByParent, Invalid
from tickets.models import Ticket
from tickets.models.content import Child
from tickets.trail.digests import content_digest

DEEPEST = 5
MOST = 200


class _Family:
    """Plans the sub-tickets of one ticket, at all depths; counts them, and loads each template once."""

    def __init__(self, applicant: User, organisation: Organisation) -> None:
        self.applicant, self.organisation = applicant, organisation
        self.count = 0
        self.versions: dict[str, TemplateVersion | None] = {}

    def published(self, key: str) -> TemplateVersion | None:
        if key not in self.versions:
            current = TemplateVersion.objects.filter(template__key=key, state=TemplateVersion.State.PUBLISHED)
            self.versions[key] = current.only("id").first()
        return self.versions[key]

    def of_node(self, program: Program, facts: Facts, key: str, depth: int) -> list[Child]:
        here = f"children.{key}"
        version = self.published(program.node(key)["template"])
        if version is None:
            raise _refused("unknown_template", here, {"key": program.node(key)["template"]})
        if depth > DEEPEST:
            raise _refused("too_deep", here, {"limit": DEEPEST})
        child = load(version.pk)
        rendered = render_children(program, key, facts, child.form)
        self.count += len(rendered)
        if self.count > MOST:
            raise _refused("too_many_children", here, {"limit": MOST})
        children = []
        for index, asked in enumerate(rendered):
            try:
                children.append(self.one(version.pk, child, asked, facts, depth))
            except Unplannable as error:
                raise Invalid([_below(error.finding.render(), f"{here}[{index}]")]) from error
            except Invalid as refused:
                raise type(refused)([_below(found, f"{here}[{index}]") for found in refused.errors or []]) from refused
        return children

    def one(
        self, version_id: int, program: Program, asked: dict[str, Any], parent: Facts, depth: int
    ) -> Child:  # fmt: skip
        """One child, with its own plans and children. Raises Invalid, Unplannable."""
        title = asked["title"] or default_title(program.document, asked["form"])
        ticket: TicketFacts = {**parent.ticket, "title": title}
        facts = {"applicant": parent.applicant, "ticket": ticket}
        form, findings = check_form(program.expressions, asked["form"], parent.applicant, ticket)
        _require_none([*findings, *missing_references(references(program.form, form))])
        known = Facts(form, parent.applicant, ticket)
        steps = way(program, known)
        _require_none(check_chosen(program, steps, {}, person(self.applicant), self.organisation))
        signed = {
            "form": form,
            "facts": facts,
            "plans": plans_on(program, known, steps),
            "children": self.on(program, known, steps, depth + 1),
        }
        digest = content_digest(template_version_id=version_id, **signed)
        return Child(template_version=version_id, title=title, digest=digest, **signed)  # type: ignore[typeddict-item]

    def on(self, program: Program, facts: Facts, steps: Iterable[Step], depth: int) -> dict[str, list[Child]]:
        return {step.node: self.of_node(program, facts, step.node, depth) for step in steps if step.type == "subticket"}


def plan_children(
    program: Program, facts: Facts, steps: Iterable[Step], applicant: User, organisation: Organisation
) -> dict[str, list[Child]]:
    """The children of every sub-ticket node among these steps, pinned to the templates published now.

    Raises Invalid and PlanRefused, with paths such as children.accounts[2].form.name.
    """
    return _Family(applicant, organisation).on(program, facts, steps, 1)


def bar(children: dict[str, list[Child]], editors: list[int]) -> None:
    """Bar the editors of the parent from signing these children, at any depth (I03).

    The ids are in the children's facts and so in their digests; their own walks and the executor check them.
    """
    for child in chain.from_iterable(children.values()):
        bar(child["children"], editors)
        child["facts"] = {**child["facts"], "editors": editors}
        child["digest"] = content_digest(
            template_version_id=child["template_version"],
            form=child["form"],
            facts=child["facts"],
            plans=child["plans"],
            children=child["children"],
        )


def require_no_parent(ticket: Ticket) -> None:
    """Call this before a change of what will run or the way to it: approvers of the parent signed it as it was (I12).

    Raises FixedByParent.
    """
    if ticket.parent_visit_id is not None:
        raise FixedByParent


def _below(finding: Problem, path: str) -> Problem:
    return {**finding, "path": f"{path}.{finding['path']}"}


def _refused(code: str, path: str, details: dict[str, Any]) -> Invalid:
    return Invalid([Finding(code, path, details).render()])


def _require_none(findings: Iterable[Finding]) -> None:
    rendered = [finding.render() for finding in findings]
    if rendered:
        raise Invalid(rendered)
