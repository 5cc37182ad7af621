"""Who may read which file: the same rules as for the ticket's page, hidden fields included (I23)."""

from datetime import datetime

from accounts.models import User
from templates_engine.store.programs import load
from tickets.errors import NotFound
from tickets.files.binding import named_files
from tickets.models import Attachment, Ticket
from tickets.queries.detail import hidden_from
from tickets.queries.hidden import shown_form
from tickets.queries.visible import may_see


def get_readable(user: User, attachment_id: str, at: datetime) -> Attachment:
    """This file's row. Unbound files are readable by their owner only, others as the ticket is. Raises NotFound."""
    row = Attachment.objects.select_related("ticket").filter(pk=attachment_id).first()
    if row is None or not _may_read(user, row, at):
        raise NotFound
    return row


def _may_read(user: User, row: Attachment, at: datetime) -> bool:
    if row.ticket is None:
        return row.owner_id == user.pk
    return may_see(user, row.ticket, at) and (row.loose or _is_shown(user, row.ticket, row.pk, at))


def _is_shown(user: User, ticket: Ticket, attachment_id: str, at: datetime) -> bool:
    """Whether a field visible to this person names the file, in the current or an earlier content."""
    hidden = hidden_from(user, ticket, at)
    if not hidden:
        return True
    fields = load(ticket.template_version_id).form
    forms = (shown_form(form, hidden) for form in ticket.contents.values_list("form", flat=True))
    return any(item == attachment_id for form in forms for _path, item, _field in named_files(form, fields))
