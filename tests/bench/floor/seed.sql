-- Tickets of a year: three tasks and five events each; of those that wait, one and two.
INSERT INTO auth_user (username, first_name, last_name, email, password, is_superuser, is_staff, is_active, date_joined)
SELECT %(busy)s, 'Busy', '', '', password, false, false, true, now() FROM auth_user WHERE username = 'bob';

CREATE TEMP TABLE fresh AS
SELECT n AS id, (n - %(first)s) %% %(every)s = 0 AS waits,
       (SELECT array_agg(id ORDER BY username) FROM auth_user WHERE username IN ('alice', 'grace', 'heidi')) AS people,
       (SELECT array_agg(id ORDER BY username) FROM auth_user WHERE username IN ('bob', 'carol', 'dave')) AS approvers,
       (SELECT id FROM auth_user WHERE username = %(busy)s) AS waiter,
       timestamptz '2026-01-01 00:00+08' + (n - %(first)s) * (interval '320 days' / %(count)s) AS at
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n;

INSERT INTO floor_ticket (id, number, title, template, form, state, priority, version, applicant_id, created_at)
SELECT id, 'OLD-' || id, 'Ticket ' || id, 'bench', jsonb_build_object('subject', 'ticket ' || id, 'days', id %% 30),
       CASE WHEN waits THEN 'approving' ELSE 'completed' END, 'normal', 4, people[1 + id %% 3], at FROM fresh;

INSERT INTO floor_task (ticket_id, node, assignee_id, state, comment, created_at, decided_at)
SELECT id, (ARRAY['first', 'second', 'third'])[step], CASE WHEN waits THEN waiter ELSE approvers[step] END,
       CASE WHEN waits THEN 'pending' ELSE 'approved' END, '', at + step * interval '1 hour',
       CASE WHEN NOT waits THEN at + (step + 1) * interval '1 hour' END
FROM fresh, generate_series(1, 3) AS step WHERE NOT waits OR step = 1;

INSERT INTO floor_event (ticket_id, kind, actor_id, data, at)
SELECT id, (ARRAY['ticket.submitted', 'task.assigned', 'task.approved', 'node.closed', 'ticket.completed'])[seq],
       people[1], jsonb_build_object('node', 'first', 'round', 1), at + seq * interval '1 hour'
FROM fresh, generate_series(1, 5) AS seq WHERE NOT waits OR seq <= 2;

DROP TABLE fresh;
SELECT setval(pg_get_serial_sequence('floor_ticket', 'id'), greatest(max(id), 1000000000)) FROM floor_ticket;
