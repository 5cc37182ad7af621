"""Handing in: a new ticket, a draft, a returned one again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction

from accounts.models import User
from accounts.people import expression_facts
from templates_engine.program import load
from templates_engine.queries import audience_facts, usable_template
from templates_engine.titles import default_title
from templates_engine.values import changes
from tickets.advance import advance, hand_in
from tickets.attachments.binding import claim
from tickets.children import require_no_parent
from tickets.commands.asking_again import fallen_nodes, nodes_again
from tickets.content import amend, differs, make_content
from tickets.course import same_course
from tickets.drafts import published_for, still_asked, still_chosen
from tickets.errors import NotAllowed, WrongState
from tickets.events import Kind
from tickets.models import ContentVersion, Participant, Ticket
from tickets.models.ticket import Priority
from tickets.numbers import DEFAULT_PREFIX, new_ids
from tickets.states import TicketState
from tickets.walk import Walk, lock

Chosen = Mapping[str, list[str]]


class Draft(TypedDict, total=False):
    """What a draft is filled with. What is missing or None stays; an empty title is the one a new ticket would get."""

    form: dict[str, Any] | None
    chosen: Chosen | None
    title: str | None
    priority: str | None


@transaction.atomic
def create(
    *,
    template: str,
    form: dict[str, Any],
    actor: User,
    at: datetime,
    title: str = "",
    priority: str = Priority.NORMAL,
    draft: bool = False,
    chosen: Chosen | None = None,
) -> Ticket:
    """A new ticket of this template, handed in at once unless it is a draft.

    chosen: node → usernames, where a node lets the applicant choose. Raises NoSuchTemplate, Invalid with every
    field's problem, PlanRefused. Nothing is stored then.
    """
    profile = audience_facts(actor)
    version = usable_template(actor, template, profile)
    number, ticket_id, content_id = new_ids(version.document.get("number_prefix", DEFAULT_PREFIX), at)
    ticket = Ticket(
        id=ticket_id,
        number=number,
        template_version=version,
        title=title or default_title(version.document, form),
        applicant=actor,
        department=actor.department,
        priority=priority,
        created_at=at,
    )
    walk = Walk(ticket, load(version.pk), at, actor=actor)
    content = make_content(walk, form, by=actor, draft=draft, chosen=chosen, applicant=expression_facts(profile))
    content.pk = content_id
    claim(content.facts.get("attachments", {}), ticket)
    walk.participate(actor.pk, Participant.Kind.APPLICANT)
    walk.record(
        Kind.TICKET_CREATED,
        template=version.template.key,
        template_version=version.number,
        title=ticket.title,
    )
    walk.adopt(content)
    if not draft:
        hand_in(walk)
    walk.save()
    return ticket


@transaction.atomic
def keep(*, number: str, actor: User, at: datetime, **given: Unpack[Draft]) -> Ticket:
    """Keep a draft with these values; nothing is written where nothing differs (A47).

    Raises NotAllowed, WrongState, NoSuchTemplate, Invalid.
    """
    walk = _draft(number, actor, at)
    if _fill(walk, given, draft=True):
        walk.record(
            Kind.TICKET_KEPT,
            content=walk.content.number,
            title=walk.ticket.title,
            priority=walk.ticket.priority,
            template_version=walk.program.version,
        )
        walk.save()
    return walk.ticket


@transaction.atomic
def submit(*, number: str, actor: User, at: datetime, **given: Unpack[Draft]) -> Ticket:
    """Hand in a draft, under the template as published now, which it is pinned to from here on (I9).

    Raises NotAllowed unless the actor is the applicant; WrongState, NoSuchTemplate, Invalid, PlanRefused.
    """
    walk = _draft(number, actor, at)
    # Also without a changed form: hosts and the organisation may have changed since the draft was kept.
    _fill(walk, given, draft=False)
    hand_in(walk)
    walk.save()
    return walk.ticket


@transaction.atomic
def resubmit(
    *, number: str, actor: User, at: datetime, form: dict[str, Any] | None = None, chosen: Chosen | None = None
) -> Ticket:
    """Hand in a returned ticket again, changed or not.

    Where they asked for that it goes straight back to who returned it, and every decision stands, unless plan, people
    or way are others now: then, or where they did not ask for it, the chain starts anew (I5). Raises NotAllowed,
    WrongState, Invalid, PlanRefused.
    """
    walk = lock(at, actor, number=number)
    _require_applicant(walk, actor)
    ticket = walk.ticket
    if ticket.state != TicketState.RETURNED:
        raise WrongState
    content = make_content(walk, walk.content.form if form is None else form, by=actor, chosen=chosen)
    back, fallen = ticket.reopen, list[str]()
    told: dict[str, Any] = {}
    if differs(walk.content, content):
        require_no_parent(ticket)
        diff = changes(walk.program.form, walk.content.form, content.form)
        if back and same_course(walk, walk.content, content):
            fallen = fallen_nodes(walk, diff, back)
            amend(walk.content, content, fallen)
        else:
            back = []
        told = {"diff": diff, "again": fallen}
        _adopt(walk, content)
    ticket.returned_from, ticket.reopen = "", []
    ticket.resubmit()
    walk.record(Kind.TICKET_RESUBMITTED, content=walk.content.number, digest=walk.content.digest, nodes=back, **told)
    advance(walk, walk.program.start, ahead=[*nodes_again(walk, fallen, back), *back])
    walk.save()
    return ticket


def _draft(number: str, actor: User, at: datetime) -> Walk:
    walk = lock(at, actor, number=number)
    _require_applicant(walk, actor)
    if walk.ticket.state != TicketState.DRAFT:
        raise WrongState
    return walk


def _fill(walk: Walk, given: Draft, *, draft: bool) -> bool:
    """Fill a draft, moved to the template as published now; whether its content is another than before."""
    ticket, title = walk.ticket, given.get("title")
    ticket.template_version = published_for(ticket)
    walk.program = load(ticket.template_version_id)
    values, chosen = given.get("form"), given.get("chosen")
    if values is None:
        values = still_asked(walk.content.form, walk.program)
    if chosen is None:
        chosen = still_chosen(walk.content.facts, walk.program)
    if title is not None:
        ticket.title = title or default_title(walk.program.document, values)
    ticket.priority = given.get("priority") or ticket.priority
    content = make_content(walk, values, by=ticket.applicant, draft=draft, chosen=chosen)
    if content.digest == walk.content.digest:  # which covers the version, the title and the priority as well
        return False
    Ticket.objects.filter(pk=ticket.pk).update(
        title=ticket.title, priority=ticket.priority, template_version=ticket.template_version
    )
    _adopt(walk, content)
    return True


def _adopt(walk: Walk, content: ContentVersion) -> None:
    content.save(force_insert=True)
    claim(content.facts.get("attachments", {}), walk.ticket)
    walk.adopt(content)


def _require_applicant(walk: Walk, actor: User) -> None:
    if walk.ticket.applicant_id != actor.pk:
        raise NotAllowed
