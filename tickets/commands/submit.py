"""Handing in: a new ticket, a draft, a returned one again."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from templates_engine.program import load
from templates_engine.queries import usable_template
from templates_engine.text import localize
from tickets.advance import advance
from tickets.content import make_content
from tickets.errors import NotAllowed, WrongState
from tickets.events import Kind
from tickets.models import ContentVersion, Participant, Ticket
from tickets.models.ticket import Priority
from tickets.states import TicketState
from tickets.walk import Walk, lock

DEFAULT_PREFIX = "REQ"


def new_number(prefix: str, at: datetime) -> str:
    """`<prefix>-<YYYYMMDD>-<4+ digits>`; the day is the company's. A database sequence: no gaps promised."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('tickets_number_seq')")
        return f"{prefix}-{timezone.localtime(at, timezone.get_default_timezone()):%Y%m%d}-{cursor.fetchone()[0]:04d}"


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
) -> Ticket:
    """A new ticket of this template, handed in at once unless it is a draft.

    Raises NoSuchTemplate, Invalid with every field's problem, PlanRefused. Nothing is stored then.
    """
    version = usable_template(actor, template)
    ticket = Ticket(
        number=new_number(version.document.get("number_prefix", DEFAULT_PREFIX), at),
        template_version=version,
        title=title or default_title(version.document, form),
        applicant=actor,
        department=actor.department,
        priority=priority,
        created_at=at,
    )
    walk = Walk(ticket, load(version.pk), at, actor=actor)
    content = make_content(ticket, walk.program, form, by=actor, at=at, draft=draft)
    ticket.save(force_insert=True)
    walk.participate(actor.pk, Participant.Kind.APPLICANT)
    walk.record(
        Kind.TICKET_CREATED,
        template=version.template.key,
        template_version=version.number,
        title=ticket.title,
    )
    _adopt(walk, content)
    if not draft:
        _hand_in(walk)
    walk.save()
    return ticket


def default_title(document: dict[str, Any], form: Any) -> str:
    """What a ticket without a title is called: “服务重启 · mysql × 3”, from the first choice or line and the hosts."""
    values = form if isinstance(form, dict) else {}
    title = localize(document["name"])
    for field in document["form"]:
        value = values.get(field["key"])
        if field["type"] in ("text", "select") and isinstance(value, str) and value.isprintable() and value.strip():
            title += f" · {_label(field, value)}"
            break
    hosts = next((values.get(field["key"]) for field in document["form"] if field["type"] == "hosts"), None)
    if isinstance(hosts, list) and hosts:
        title += f" × {len(hosts)}"
    return title[:200]


def _label(field: dict[str, Any], value: str) -> str:
    """A chosen option's label, or the words typed in."""
    labels = {o["value"]: o["label"] for o in field.get("options", []) if isinstance(o, dict)}
    return localize(labels.get(value, value))[:80]


def _adopt(walk: Walk, content: ContentVersion) -> None:
    content.save(force_insert=True)
    walk.ticket.content = content


def _hand_in(walk: Walk) -> None:
    walk.ticket.submit(at=walk.at)
    walk.record(
        Kind.TICKET_SUBMITTED,
        content=walk.content.number,
        digest=walk.content.digest,
        title=walk.ticket.title,
    )
    advance(walk, walk.program.start)


@transaction.atomic
def submit(*, number: str, actor: User, at: datetime, form: dict[str, Any] | None = None) -> Ticket:
    """Hand in a draft. Raises NotAllowed unless the actor is the applicant; Invalid; PlanRefused."""
    walk = lock(at, actor, number=number)
    _require_applicant(walk, actor)
    if walk.ticket.state != TicketState.DRAFT:
        raise WrongState
    values = form if form is not None else walk.content.form
    # Also without a changed form: hosts and the organisation may have changed since the draft was kept.
    _adopt(walk, make_content(walk.ticket, walk.program, values, by=actor, at=at))
    _hand_in(walk)
    walk.save()
    return walk.ticket


@transaction.atomic
def resubmit(*, number: str, actor: User, at: datetime, form: dict[str, Any] | None = None) -> Ticket:
    """Hand in a returned ticket again, changed or not.

    A changed content voids every earlier decision, so the chain starts anew (I5); an unchanged one goes straight
    back to who returned it where they asked for that. Raises NotAllowed, WrongState, Invalid, PlanRefused.
    """
    walk = lock(at, actor, number=number)
    _require_applicant(walk, actor)
    ticket = walk.ticket
    if ticket.state != TicketState.RETURNED:
        raise WrongState
    before = walk.content.digest
    content = make_content(ticket, walk.program, walk.content.form if form is None else form, by=actor, at=at)
    changed = content.digest != before
    if changed:
        _adopt(walk, content)
    resume = ticket.resume_node if ticket.resume_node and not changed else walk.program.start
    ticket.resume_node = ""
    ticket.resubmit()
    walk.record(Kind.TICKET_RESUBMITTED, content=walk.content.number, digest=walk.content.digest, node=resume)
    advance(walk, resume)
    walk.save()
    return ticket


def _require_applicant(walk: Walk, actor: User) -> None:
    if walk.ticket.applicant_id != actor.pk:
        raise NotAllowed
