"""What stands around a ticket for its reader, in one statement; the database builds the JSON."""

from datetime import datetime
from typing import Any

from accounts.fragments import Fragment, read
from accounts.models import User
from accounts.models.proxy import ACTIVE
from tickets.models import Ticket
from tickets.models.node_visit import PEOPLE
from tickets.models.participant import STANDING
from tickets.queries.standing_in import MOVES
from tickets.queries.visible import SEES

# Another ticket's title; only for administrators and those who take part in it now (I23).
TITLE = f"""CASE WHEN u.is_admin OR EXISTS (
            SELECT 1 FROM tickets_participant part
            WHERE part.ticket_id = {{0}}.id AND part.user_id = u.id AND {STANDING}
        ) THEN {{0}}.title END"""  # noqa: S608 (a constant is put in)
# `ticket` is the ticket, `u` its reader, %(at)s the moment. A file is shown if the ticket's content names it, or if it
# was added to the ticket directly. Only who holds a proxy is asked for moved seats.
AROUND = f"""jsonb_build_object(
    'sees', {SEES},
    'parent', (
        SELECT jsonb_build_object('number', p.number, 'state', p.state, 'title', {TITLE.format("p")})
        FROM tickets_ticket p WHERE p.id = ticket.parent_id
    ),
    'children', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'number', c.number, 'state', c.state, 'node', v.node, 'visit', v.id, 'title', {TITLE.format("c")}
        ) ORDER BY c.id), '[]')
        FROM tickets_ticket c JOIN tickets_nodevisit v ON v.id = c.parent_visit_id WHERE c.parent_id = ticket.id
    ),
    'attachments', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', a.id, 'name', a.name, 'size', a.size, 'content_type', a.content_type) ORDER BY a.created_at, a.id
        ), '[]')
        FROM tickets_attachment a
        WHERE a.ticket_id = ticket.id AND (a.loose OR (
            SELECT jsonb_exists(c.facts -> 'attachments', a.id::text)
            FROM tickets_contentversion c WHERE c.id = ticket.content_id))
    ),
    'part', EXISTS (
        SELECT 1 FROM tickets_participant part
        WHERE part.ticket_id = ticket.id AND part.user_id = u.id AND part.proxy_id IS NULL
    ),
    'unseen', EXISTS (
        SELECT 1 FROM tickets_participant part
        WHERE part.ticket_id = ticket.id AND part.user_id = u.id AND part.kind = 'cc' AND part.seen_at IS NULL
    ),
    'moved', (
        SELECT coalesce(jsonb_agg(jsonb_build_array(act.ticket_id, act.data -> 'node', act.data -> 'round')), '[]')
        FROM tickets_event act
        WHERE act.ticket_id = ticket.id AND act.actor_id = u.id AND {MOVES} AND EXISTS (
            SELECT 1 FROM accounts_proxy proxy WHERE proxy.agent_id = u.id AND {ACTIVE}
        )
    ),
    'queued', (
        SELECT coalesce(jsonb_object_agg(person.username, person.name), '{{}}')
        FROM tickets_nodevisit visit CROSS JOIN LATERAL jsonb_array_elements(visit.queue) AS entry
        JOIN accounts_user person ON person.username = entry ->> 'username'
        WHERE visit.ticket_id = ticket.id AND visit.type IN {PEOPLE}
    )
)"""  # noqa: S608 (constants only)


def around(ticket: Ticket, reader: User, at: datetime) -> dict[str, Any]:
    """{sees, parent: {number, state, title} | None, children, attachments, part, unseen, moved, queued}.

    sees: whether the reader sees the ticket other than as an operator. children: [{number, state, title, node, visit}];
    a title is None if the reader is no participant there (I23). attachments: [{id, name, size, content_type}], those
    named by the content and those added directly. Both lists oldest first. part: whether the reader is a participant by
    their own right, not only while a proxy lasts. unseen: whether the reader has a copy (cc) and has not opened it yet.
    moved: [[ticket, node, round]], the visits where the reader has moved seats, see standing_in. queued: username →
    name of the people who wait for their turn.
    """
    text = f"SELECT {AROUND} FROM tickets_ticket ticket WHERE ticket.id = %(ticket)s"  # noqa: S608 (constants)
    found: dict[str, Any] = read(Fragment(text, {"ticket": ticket.pk, "at": at}), reader)
    return found


def alone(ticket: Ticket, reader: User) -> dict[str, Any] | None:
    """The same without a statement, right after a command of this reader; None if only the database can say.

    It is known where no parent, file or sub-ticket is there, nobody waits for their turn, and the reader holds no proxy
    and is the applicant or has a task.
    """
    saved = ticket.saved
    if saved is None or not (saved.is_whole and saved.is_alone) or reader.held != []:
        return None
    if any(visit.queue for visit in saved.visits if visit.type in PEOPLE):
        return None
    part = ticket.applicant_id == reader.pk
    if not part and all(task.assignee_id != reader.pk for task in saved.tasks):
        return None
    known = {"sees": True, "parent": None, "part": part, "unseen": False}
    return known | {"children": [], "attachments": [], "moved": [], "queued": {}}
