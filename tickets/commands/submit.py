"""Submit tickets: a new one, a draft, or a returned one again."""

from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction

from accounts.models import User
from accounts.organisation.people import expression_facts
from templates_engine.forms.titles import default_title
from templates_engine.forms.values import changes
from templates_engine.store.programs import load
from tickets.commands.asking_again import fallen_nodes, nodes_again
from tickets.commands.permitted import asked_of, require
from tickets.content.content import amend, differs, make_content
from tickets.content.course import same_course
from tickets.content.drafts import published_for, still_asked, still_chosen
from tickets.content.planned_children import require_no_parent
from tickets.engine.advance import advance, hand_in
from tickets.engine.walk import Walk, lock
from tickets.files.binding import claim
from tickets.models import ContentVersion, Participant, Ticket
from tickets.models.ticket import Priority
from tickets.queries.opening import Opening, opening
from tickets.trail.events import Kind

Chosen = Mapping[str, list[str]]


class Draft(TypedDict, total=False):
    """New values of a draft. Missing or None keeps the old value; an empty title becomes the default title."""

    form: dict[str, Any] | None
    chosen: Chosen | None
    title: str | None
    priority: str | None


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
    by_rule: str = "",
) -> Ticket:
    """Create a ticket of this template; submit it at once unless it is a draft.

    One statement asks for all that is needed (queries.opening), the ticket is made and walked in memory, and one
    statement writes it; a transaction is needed only for files and sub-tickets.

    chosen: node → usernames, for nodes where the applicant chooses. by_rule: the rule that opens it on behalf of the
    actor, named as in the administration trail; recorded in the ticket's trail. Raises NoSuchTemplate, Invalid with
    the problems of every field, PlanRefused; nothing is stored then.
    """
    opened = opening(actor, template, at)
    walk = _new(opened, form, actor, at, title=title, priority=priority)
    content = make_content(walk, form, by=actor, draft=draft, chosen=chosen, applicant=expression_facts(opened.profile))
    content.pk = opened.ids[2]
    walk.participate(actor.pk, Participant.Kind.APPLICANT)
    rule: dict[str, Any] = {"by_rule": by_rule} if by_rule else {}
    walk.record(
        Kind.TICKET_CREATED,
        template=template,
        template_version=opened.program.version,
        title=walk.ticket.title,
        **rule,
    )
    if by_rule:
        walk.actor = None  # the applicant is the actor of the first event only, as `audit verify` requires
    walk.adopt(content)
    if not draft:
        hand_in(walk)
    files = content.facts.get("attachments", {})
    with transaction.atomic() if files or walk.born else nullcontext():
        claim(files, walk.ticket)
        walk.save()
    return walk.ticket


def _new(opened: Opening, form: dict[str, Any], actor: User, at: datetime, *, title: str, priority: str) -> Walk:
    """The walk of a new ticket, without content."""
    number, ticket_id, _content_id = opened.ids
    ticket = Ticket(
        id=ticket_id,
        number=number,
        template_version_id=opened.version_id,
        title=title or default_title(opened.program.document, form),
        applicant=actor,
        department=actor.department,
        priority=priority,
        created_at=at,
    )
    return Walk(ticket, opened.program, at, organisation=opened.organisation, actor=actor)


@transaction.atomic
def keep(*, number: str, actor: User, at: datetime, **given: Unpack[Draft]) -> Ticket:
    """Save a draft with these values; nothing is written if nothing differs (A47).

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
    """Submit a draft under the published version of its template, to which it is pinned from now on (I09).

    Raises NotAllowed unless the actor is the applicant; WrongState, NoSuchTemplate, Invalid, PlanRefused.
    """
    walk = _draft(number, actor, at)
    # Needed also with an unchanged form: hosts and organisation may have changed since the draft was saved.
    _fill(walk, given, draft=False)
    hand_in(walk)
    walk.save()
    return walk.ticket


@transaction.atomic
def resubmit(
    *, number: str, actor: User, at: datetime, form: dict[str, Any] | None = None, chosen: Chosen | None = None
) -> Ticket:
    """Submit a returned ticket again, changed or not.

    If the return asked for it, the ticket goes straight back to the node that returned it and all decisions stand,
    unless plan, people or way have changed. In all other cases the chain restarts (I05). Raises NotAllowed, WrongState,
    Invalid, PlanRefused.
    """
    walk = lock(at, actor, number=number)
    require("resubmit", asked_of(walk, actor), at)
    ticket = walk.ticket
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
    require("submit", asked_of(walk, actor), at)
    return walk


def _fill(walk: Walk, given: Draft, *, draft: bool) -> bool:
    """Fill a draft under the published version; returns whether its content has changed."""
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
    if content.digest == walk.content.digest:  # it also covers version, title and priority
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
