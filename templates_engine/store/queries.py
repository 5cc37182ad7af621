"""Queries of templates: who may use and read them, and simulation."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.utils import timezone

from accounts.models import Proxy, User
from accounts.organisation.people import Organisation, Person, Profile, person, profile_facts
from accounts.organisation.people import facts as applicant_facts
from accounts.permissions import PUBLISH, has_permission
from common.prepared import prepared
from templates_engine.errors import NoSuchApplicant, NoSuchTemplate
from templates_engine.forms.titles import default_title
from templates_engine.forms.values import check_form, needed_fields, visible_fields
from templates_engine.language.expressions import Facts
from templates_engine.models import Template, TemplateVersion
from templates_engine.parts import Document, TicketFacts
from templates_engine.ports import preview
from templates_engine.program.chosen import check_chosen
from templates_engine.program.program import Program
from templates_engine.program.route import Step, Unplannable, route
from templates_engine.store.programs import load
from templates_engine.text import localize

PUBLISHED = """
SELECT v.id, v.number, t.id AS template
FROM templates_engine_template t
JOIN templates_engine_templateversion v ON v.template_id = t.id AND v.state = 'published'
WHERE t.key = %(key)s
"""


def may_use(document: Document, profile: Profile) -> bool:
    """Whether this person belongs to the template's audience; no audience means everyone."""
    return belongs(document.get("visible_to", ["everyone"]), profile)


def belongs(audience: Sequence[Any], profile: Profile) -> bool:
    """Whether this person belongs to an audience (Document.visible_to). A department includes those below it."""
    for entry in audience:
        if entry == "everyone":
            return True
        ((kind, key),) = entry.items()
        if key in {"department": profile["departments"], "role": profile["roles"], "user": [profile["username"]]}[kind]:
            return True
    return False


def usable_templates(user: User) -> list[TemplateVersion]:
    """The published versions from which this user may start tickets, ordered by key."""
    facts = audience_facts(user)
    current = TemplateVersion.objects.filter(state=TemplateVersion.State.PUBLISHED).defer("source", "program")
    versions = current.select_related("template").order_by("template__key")
    return [version for version in versions if user.is_admin or may_use(version.document, facts)]


def usable_template(user: User, key: str) -> TemplateVersion:
    """The published version of this key. Raises NoSuchTemplate, BrokenSeal."""
    with prepared() as cursor:
        cursor.execute(PUBLISHED, {"key": key})
        row = cursor.fetchone()
    if row is None:
        raise NoSuchTemplate
    version_id, number, template_id = row
    version = TemplateVersion(id=version_id, number=number, template=Template(id=template_id, key=key))
    version.document = load(version_id).document  # the sealed document, not what the row holds now
    require_audience(user, version.document, partial(audience_facts, user))
    return version


def require_audience(user: User, document: Document, facts: Callable[[], Profile]) -> None:
    """Raise NoSuchTemplate unless this user may start tickets from this document. facts: audience_facts of the user."""
    if not (user.is_admin or may_use(document, facts())):
        raise NoSuchTemplate


def audience_facts(user: User) -> Profile:
    """The facts that decide whether a user belongs to an audience, in one statement (people.profile_facts)."""
    return profile_facts(user)


def version_of(key: str, number: int | None) -> TemplateVersion:
    """A stored version (default: the published one, else the newest). Raises NoSuchTemplate."""
    template = Template.objects.filter(key=key).select_related("current").first()
    if template is None:
        raise NoSuchTemplate
    if number is not None:
        version = template.versions.filter(number=number).first()
    else:
        version = template.current or template.versions.order_by("-number").first()
    if version is None:
        raise NoSuchTemplate
    return version


def newest_version(key: str) -> TemplateVersion:
    """The newest version. Raises NoSuchTemplate."""
    version = TemplateVersion.objects.filter(template__key=key).order_by("-number").first()
    if version is None:
        raise NoSuchTemplate
    return version


def simulate(
    version_id: int,
    *,
    form: Any,
    applicant: User,
    priority: str = "normal",
    title: str = "",
    chosen: dict[str, list[str]] | None = None,
    at: datetime | None = None,
) -> dict[str, Any]:
    """Who would act, and why, for this applicant and these values, even if the form is incomplete.

    {path: [step_row], people, visible, required, errors, values, plans}. errors: findings of the form and of the
    applicant's choice; an expression that cannot be evaluated ends the path with a finding. plans: what would run, once
    the form is valid. at: the time for which proxies are looked up (default: now).
    """
    program: Program = load(version_id)
    called = title or default_title(program.document, form)
    applicant_is, ticket = applicant_facts(applicant), TicketFacts(priority=priority, title=called)
    values, findings = check_form(program.expressions, form, applicant_is, ticket)
    facts, organisation = Facts(values, applicant_is, ticket), Organisation()
    try:
        steps = route(program, facts, person(applicant), organisation, chosen=chosen)
    except Unplannable as error:
        steps, findings = error.steps, [*findings, error.finding]
    plans, refused = ([], []) if findings else preview()(program, facts)
    findings = [*findings, *check_chosen(program, steps, chosen or {}, person(applicant), organisation)]
    agents = agents_of(steps, program.key, at or timezone.now())
    acting_for = {step.node: _agents(step, agents, applicant) for step in steps}
    people = {p.username: {"name": p.name} for step in steps for p in acting(step)}
    people |= {agent.username: {"name": agent.name} for found in acting_for.values() for agent, _principal in found}
    shown = visible_fields(program.expressions, facts)
    return {
        "path": [
            step_row(step, program)
            | {"agents": [{"agent": agent.username, "principal": name} for agent, name in acting_for[step.node]]}
            for step in steps
        ],
        "people": people,
        "visible": shown,
        "required": needed_fields(program.expressions, facts, shown),
        "errors": [*(finding.render() for finding in findings), *refused],
        "values": values,
        "plans": plans,
    }


def acting(step: Step) -> list[Person]:
    """The assignees of a step, or the recipients of a cc."""
    return [seat.person for seat in step.seating.seats] or step.told


def agents_of(steps: list[Step], template: str, at: datetime) -> dict[str, list[User]]:
    """Username → agents who may act for them at that time, for all assignees. One statement, or none."""
    asked = {seat.person.id for step in steps for seat in step.seating.seats}
    held = Proxy.objects.active(at).covering(template).filter(principal__in=asked).select_related("principal", "agent")
    agents: dict[str, list[User]] = {}
    for proxy in held.order_by("agent__username"):
        agents.setdefault(proxy.principal.username, []).append(proxy.agent)
    return agents


def _agents(step: Step, agents: dict[str, list[User]], applicant: User) -> list[tuple[User, str]]:
    """The (agent, principal) pairs of a step; the applicant never approves their own ticket as a proxy (I03)."""
    names = [seat.person.username for seat in step.seating.seats]
    found = [(agent, name) for name in names for agent in agents.get(name, [])]
    return [(agent, name) for agent, name in found if step.type != "approval" or agent.pk != applicant.pk]


def step_row(step: Step, program: Program) -> dict[str, Any]:
    """One step as the API returns it; `reason` in the caller's language."""
    reasons = dict.fromkeys(localize(seat.reason) for seat in step.seating.seats)
    reason = "；".join(reasons) if reasons else localize(step.seating.passed or step.seating.problem)
    return {
        "node": step.node,
        "name": step.name,
        "type": step.type,
        "assignees": [p.username for p in acting(step)],
        "reason": reason,
        "blocked": step.seating.blocked,
        "within": program.branch_rows(step.node),
        "choose": step.choose,
    }


def known_keys(keys: Collection[str]) -> set[str]:
    """Those of these keys that belong to templates, published or not."""
    return set(Template.objects.filter(key__in=keys).values_list("key", flat=True))


def require_readable(user: User, key: str) -> None:
    """Raise NoSuchTemplate unless the user may publish or may use the template."""
    if not has_permission(user, PUBLISH):
        usable_template(user, key)
    elif not Template.objects.filter(key=key).exists():
        raise NoSuchTemplate


def readable_version(user: User, key: str, number: int | None) -> TemplateVersion:
    """A version whose document this user may read: publishers any, others those that are or were published.

    Raises NoSuchTemplate.
    """
    require_readable(user, key)
    version = version_of(key, number)
    if version.state == TemplateVersion.State.DRAFT and not has_permission(user, PUBLISH):
        raise NoSuchTemplate
    return version


def applicant_named(username: str) -> User:
    """The active user to simulate for. Raises NoSuchApplicant."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise NoSuchApplicant
    return user
