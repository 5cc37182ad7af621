"""Are the files still those that people saw? For `audit verify --files` (I7, A6)."""

from collections.abc import Iterator

from tickets.attachments.reading import digest_is_sound
from tickets.audit import Break
from tickets.events import Kind
from tickets.models import Ticket


def breaks_of_files(ticket: Ticket) -> Iterator[Break]:
    """Files whose row or bytes are not those that the trail and the contents hold. Reads every file of the ticket."""
    loose = {e.data["attachment"]: e.data["sha256"] for e in ticket.events.all() if e.kind == Kind.TICKET_ATTACHED}
    told = dict(loose)
    for content in ticket.contents.all():
        told |= content.facts.get("attachments", {})
    rows = {row.pk: row for row in ticket.attachments.all()}
    for missing in sorted(told.keys() - rows.keys()):
        yield Break(ticket.number, 0, "lost_attachment", f"attachment {missing} is gone")
    for pk, row in sorted(rows.items()):
        if pk not in told or (row.loose and pk not in loose):
            yield Break(ticket.number, 0, "forged_attachment", f"attachment {pk} was never added")
        elif row.sha256 != told[pk]:
            yield Break(ticket.number, 0, "changed_attachment", f"attachment {pk} is not the file that was added")
        elif not digest_is_sound(row):
            yield Break(ticket.number, 0, "changed_file", f"the stored file of attachment {pk} is missing or changed")
