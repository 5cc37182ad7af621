"""The same again."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from templates_engine.program import load
from tickets.attachments.binding import without_attachments
from tickets.commands.submit import create
from tickets.drafts import published_for, still_right
from tickets.errors import NotAllowed
from tickets.models import Ticket
from tickets.queries.visible import get_visible


@transaction.atomic
def copy(*, number: str, actor: User, at: datetime) -> Ticket:
    """A new draft with the same values, as far as the template as published now takes them.

    No decision is copied (A33), and its files stay its own. Raises NotFound; NotAllowed unless the actor is the
    applicant, for a copy shows every field to whoever makes it (I23); NoSuchTemplate.
    """
    source = get_visible(actor, number, at)
    if source.applicant_id != actor.pk:
        raise NotAllowed
    before, today = load(source.template_version_id), load(published_for(source).pk)
    values = without_attachments(source.content.form, before.form) if source.content else {}
    return create(
        template=today.key,
        form=still_right(values, today, source),
        title=source.title,
        priority=source.priority,
        actor=actor,
        at=at,
        draft=True,
    )
