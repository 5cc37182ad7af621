"""Check stored files against the audit trail, for `audit verify --files` (I07, A06)."""

from collections.abc import Iterator

from tickets.audit.verify import Break
from tickets.files.reading import digest_is_sound
from tickets.models import Ticket
from tickets.trail.events import Kind


def breaks_of_files(ticket: Ticket) -> Iterator[Break]:
    """Files whose row or bytes differ from the trail and the contents. Reads every file of the ticket."""
    added = (Kind.TICKET_ATTACHED.of(event) for event in ticket.events.all() if event.kind == Kind.TICKET_ATTACHED)
    loose = {file["attachment"]: file["sha256"] for file in added}
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
