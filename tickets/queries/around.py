"""What stands around a ticket: its parent, its sub-tickets, its files. One statement, shaped by the database."""

from typing import Any

import orjson
from django.db import connection

from accounts.models import User
from tickets.models import Participant, Ticket

# What another ticket is called, for whoever takes part in it and for administrators; to others it says too much.
TITLE = """CASE WHEN %(whole)s OR EXISTS (
            SELECT 1 FROM tickets_participant m WHERE m.ticket_id = {0}.id AND m.user_id = %(reader)s
        ) THEN {0}.title END"""
# A file is shown while the ticket's content names it, or where somebody put it beside the ticket.
AROUND = f"""
SELECT jsonb_build_object(
    'parent', (
        SELECT jsonb_build_object('number', p.number, 'state', p.state, 'title', {TITLE.format("p")})
        FROM tickets_ticket p WHERE p.id = %(parent)s
    ),
    'children', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'number', c.number, 'state', c.state, 'node', v.node, 'visit', v.id, 'title', {TITLE.format("c")}
        ) ORDER BY c.id), '[]')
        FROM tickets_ticket c JOIN tickets_nodevisit v ON v.id = c.parent_visit_id WHERE c.parent_id = %(ticket)s
    ),
    'attachments', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', a.id, 'name', a.name, 'size', a.size, 'content_type', a.content_type) ORDER BY a.created_at, a.id
        ), '[]')
        FROM tickets_attachment a
        WHERE a.ticket_id = %(ticket)s AND (a.loose OR (
            SELECT jsonb_exists(c.facts -> 'attachments', a.id::text)
            FROM tickets_ticket t JOIN tickets_contentversion c ON c.id = t.content_id WHERE t.id = a.ticket_id))
    ),
    'part', EXISTS (
        SELECT 1 FROM tickets_participant m WHERE m.ticket_id = %(ticket)s AND m.user_id = %(reader)s
    ),
    'unseen', EXISTS (
        SELECT 1 FROM tickets_participant m
        WHERE m.ticket_id = %(ticket)s AND m.user_id = %(reader)s AND m.kind = %(cc)s AND m.seen_at IS NULL
    )
)::text
"""  # noqa: S608 (constants of this file)


def around(ticket: Ticket, reader: User) -> dict[str, Any]:
    """{parent: {number, state, title} | None, children, attachments, part, unseen}, both lists oldest first.

    children: [{number, state, title, node, visit}]; a title is None where the reader has no part in that ticket (I23).
    attachments: [{id, name, size, content_type}], those the content names and the loose ones. part: the reader
    takes part in it. unseen: he has a copy that he has not looked at.
    """
    parameters = {
        "ticket": ticket.pk,
        "parent": ticket.parent_id,
        "reader": reader.pk,
        "whole": reader.is_admin,
        "cc": Participant.Kind.CC,
    }
    with connection.cursor() as cursor:
        cursor.execute(AROUND, parameters)
        return orjson.loads(cursor.fetchone()[0])
