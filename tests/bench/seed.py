"""Seed tickets: a year's history in a few set-based statements.

Their hashes are not valid; `audit verify` would refuse them.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from templates_engine.models import TemplateVersion
from tests.bench.bed import Bed

WAITING = 1000  # pending tasks of the busy approver of each size, spread evenly over its tickets
BEGIN, SPAN = "2026-01-01 00:00+08", "320 days"

# Ids are computed, so that rows can refer to each other without reading back. Three steps per ticket, five events.
STATEMENTS = (
    """
    CREATE TEMP TABLE fresh ON COMMIT DROP AS
    SELECT n AS id, (n - %(first)s) %% %(every)s = 0 AS waits,
           (%(people)s::bigint[])[1 + n %% 3] AS applicant,
           %(begin)s::timestamptz + (n - %(first)s) * (%(span)s::interval / %(count)s) AS at
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
    """,
    """
    INSERT INTO tickets_contentversion (id, ticket_id, number, form, facts, plans, children, digest,
        created_at, created_by_id)
    SELECT id, id, 1, jsonb_build_object('subject', 'ticket ' || id, 'days', id %% 30), %(facts)s, '{}', '{}',
           md5(id::text) || md5('x' || id), at, applicant FROM fresh
    """,
    """
    INSERT INTO tickets_ticket (id, state, submitted_at, finished_at, number, title, priority, version, created_at,
        returned_from, reopen, rating, rating_comment, event_seq, event_hash, applicant_id, content_id, department_id,
        template_version_id)
    SELECT id, CASE WHEN waits THEN 'approving' ELSE 'completed' END, at,
           CASE WHEN NOT waits THEN at + interval '5 hours' END, 'OLD-20260101-' || lpad(id::text, 7, '0'),
           'Ticket ' || id, 'normal', 4, at, '', '[]', CASE WHEN NOT waits AND id %% 3 = 0 THEN 1 + id %% 5 END, '', 5,
           md5(id::text), applicant, id, (SELECT department_id FROM accounts_user WHERE id = applicant), %(version)s
    FROM fresh
    """,
    """
    INSERT INTO tickets_nodevisit (id, ticket_id, node, round, type, state, outcome, queue, reopen, passed,
        kept, opened_at, closed_at)
    SELECT id * 3 + step, id, (ARRAY['first', 'second', 'third'])[step + 1], 1, 'approval',
           CASE WHEN waits THEN 'open' ELSE 'done' END, CASE WHEN waits THEN '' ELSE 'approved' END,
           '[]', '[]', '[]', '[]',
           at + step * interval '1 hour', CASE WHEN NOT waits THEN at + (step + 1) * interval '1 hour' END
    FROM fresh, generate_series(0, 2) AS step WHERE NOT waits OR step = 0
    """,
    """
    INSERT INTO tickets_approvaltask (id, ticket_id, visit_id, assignee_id, state, channel, comment, decided_at, digest,
        reason, position, created_at, decided_by_id)
    SELECT id * 3 + step, id, id * 3 + step, CASE WHEN waits THEN %(waiter)s ELSE approver END,
           CASE WHEN waits THEN 'pending' ELSE 'approved' END, CASE WHEN waits THEN '' ELSE 'web' END, '',
           CASE WHEN NOT waits THEN at + (step + 1) * interval '1 hour' END, '', '"seeded"', '',
           at + step * interval '1 hour', CASE WHEN NOT waits THEN approver END
    FROM fresh, generate_series(0, 2) AS step, LATERAL (SELECT (%(approvers)s::bigint[])[step + 1] AS approver) AS who
    WHERE NOT waits OR step = 0
    """,
    """
    INSERT INTO tickets_participant (ticket_id, user_id, kind)
    SELECT id, applicant, 'applicant' FROM fresh UNION ALL
    SELECT id, unnest(CASE WHEN waits THEN ARRAY[%(waiter)s::bigint] ELSE %(approvers)s::bigint[] END), 'approver'
    FROM fresh
    """,
    """
    INSERT INTO tickets_event (ticket_id, seq, at, kind, data, hash, actor_id)
    SELECT id, seq, at + (seq - 1) * interval '1 hour',
           (ARRAY['ticket.submitted', 'task.assigned', 'task.approved', 'node.closed', 'ticket.completed'])[seq],
           CASE WHEN seq = 2 THEN jsonb_build_object('node', 'first', 'name', 'first', 'round', 1, 'type', 'approval',
               'assignees', jsonb_build_array(jsonb_build_object('reason', 'seeded', 'username',
                   CASE WHEN waits THEN %(waiter_name)s ELSE 'bob' END)))
           ELSE jsonb_build_object('node', 'first', 'name', 'first', 'round', 1, 'type', 'approval', 'task', id * 3,
               'assignee', 'bob') END,
           md5(id::text || seq) || md5(seq::text || id), CASE WHEN seq IN (1, 3) THEN applicant END
    FROM fresh, generate_series(1, 5) AS seq WHERE NOT waits OR seq <= 2
    """,
)
TIMERS = """
INSERT INTO tickets_timer (visit_id, kind, due_at) SELECT id * 3, 'remind', now() FROM fresh WHERE waits
"""
TABLES = ("ticket", "contentversion", "nodevisit", "approvaltask", "event", "participant")
# Rows that come by HTTP have ids above those of all sizes, so that a later `grow` does not meet them.
NEXT_ID = """
SELECT setval(pg_get_serial_sequence('tickets_{0}', 'id'), greatest(max(id), 1000000000)) FROM tickets_{0}
"""
FACTS = '{"applicant": {"username": "alice", "name": "alice", "department": "platform", "roles": []}, "ticket": {}}'


def busy_approver(size: int) -> str:
    """The busy approver at this size."""
    return f"busy-{size}"


def grow(bed: Bed, size: int) -> None:
    """Add tickets up to this number. The newest ones contain the tasks of `busy_approver(size)`."""
    first = bed.state.get("seeded", 0) + 1
    if first > size:
        return
    write(first, size, every=max(1, (size - first + 1) // WAITING), busy=busy_approver(size))
    bed.state["seeded"] = size


def write(first: int, last: int, *, every: int, busy: str, more: Sequence[str] = ()) -> None:
    """Write tickets with these ids; every so-many-th waits for `busy`, a new person. more: statements to run behind."""
    ids = dict(User.objects.values_list("username", "pk"))
    waiter = User.objects.create(username=busy, name="Busy", email="busy@example.com")
    waiter.password = User.objects.get(username="bob").password
    waiter.save()
    values: dict[str, Any] = {
        "first": first,
        "last": last,
        "count": last - first + 1,
        "every": every,
        "waiter": waiter.pk,
        "waiter_name": busy,
        "people": [ids["alice"], ids["heidi"], ids["grace"]],
        "approvers": [ids["bob"], ids["dave"], ids["carol"]],
        "version": TemplateVersion.objects.get(template__key="bench").pk,
        "facts": FACTS,
        "begin": BEGIN,
        "span": SPAN,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # our own rows need no foreign key checks
        for statement in (*STATEMENTS, *more):
            cursor.execute(statement, values)
        for table in TABLES:
            cursor.execute(NEXT_ID.format(table))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
