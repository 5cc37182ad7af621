"""A ticket's parent, sub-tickets and files, in one statement; the database builds the JSON."""

from typing import Any

import orjson

from accounts.models import User
from accounts.models.proxy import ACTIVE_NOW
from common.prepared import prepared
from tickets.models import Participant, Ticket

# Another ticket's title; only for administrators and those who take part in it now (Participant.standing).
TITLE = f"""CASE WHEN %(whole)s OR EXISTS (
            SELECT 1 FROM tickets_participant m WHERE m.ticket_id = {{0}}.id AND m.user_id = %(reader)s AND (
                m.proxy_id IS NULL
                OR EXISTS (SELECT 1 FROM accounts_proxy proxy WHERE proxy.id = m.proxy_id AND {ACTIVE_NOW}))
        ) THEN {{0}}.title END"""  # noqa: S608 (a constant is put in)
# A file is shown if the ticket's content names it, or if it was added to the ticket directly.
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
        SELECT 1 FROM tickets_participant m
        WHERE m.ticket_id = %(ticket)s AND m.user_id = %(reader)s AND m.proxy_id IS NULL
    ),
    'unseen', EXISTS (
        SELECT 1 FROM tickets_participant m
        WHERE m.ticket_id = %(ticket)s AND m.user_id = %(reader)s AND m.kind = %(cc)s AND m.seen_at IS NULL
    )
)::text
"""  # noqa: S608 (constants of this file)


def around(ticket: Ticket, reader: User) -> dict[str, Any]:
    """{parent: {number, state, title} | None, children, attachments, part, unseen}, both lists oldest first.

    children: [{number, state, title, node, visit}]; a title is None if the reader is no participant there (I23).
    attachments: [{id, name, size, content_type}], those named by the content and those added directly. part: whether
    the reader is a participant by their own right, not only while a proxy lasts. unseen: whether the reader has a copy
    (cc) and has not opened it yet.
    """
    parameters = {
        "ticket": ticket.pk,
        "parent": ticket.parent_id,
        "reader": reader.pk,
        "whole": reader.is_admin,
        "cc": Participant.Kind.CC,
    }
    with prepared() as cursor:
        cursor.execute(AROUND, parameters)
        return orjson.loads(cursor.fetchone()[0])
