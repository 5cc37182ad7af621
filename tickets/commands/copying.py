"""Copy a ticket."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from templates_engine.store.programs import load
from tickets.commands.permitted import require
from tickets.commands.submit import create
from tickets.content.drafts import published_for, still_right
from tickets.files.binding import without_attachments
from tickets.models import Ticket
from tickets.queries.visible import get_visible
from tickets.rules.ticket_rights import Asked


@transaction.atomic
def copy(*, number: str, actor: User, at: datetime) -> Ticket:
    """A new draft with the same values, as far as the published version of the template accepts them.

    Decisions are not copied (A33), nor files. Raises NotFound; NotAllowed unless the actor is the applicant, because a
    copy shows every field (I23); NoSuchTemplate.
    """
    source = get_visible(actor, number, at)
    require("copy", Asked(source, actor), at)
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
