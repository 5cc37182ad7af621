-- What a decision must read and write: the lock, steps and tasks, the next step and its task, events, outbox rows.
\set ticket random(1, :seeded)
BEGIN;
SELECT t.event_seq FROM tickets_ticket t JOIN tickets_contentversion c ON c.id = t.content_id
JOIN accounts_user u ON u.id = t.applicant_id WHERE t.id = :ticket FOR UPDATE OF t;
SELECT * FROM tickets_nodevisit WHERE ticket_id = :ticket;
SELECT * FROM tickets_approvaltask WHERE ticket_id = :ticket;
UPDATE tickets_approvaltask SET state = 'approved', channel = 'web', digest = 'x', decided_at = now(), decided_by_id = :bob
WHERE id = :ticket * 3;
UPDATE tickets_nodevisit SET state = 'done', outcome = 'approved', closed_at = now() WHERE id = :ticket * 3;
SELECT nextval(pg_get_serial_sequence('tickets_nodevisit', 'id')) AS visit \gset
INSERT INTO tickets_nodevisit (id, ticket_id, node, round, type, state, outcome, queue, reopen, passed, kept, opened_at)
VALUES (:visit, :ticket, 'limit', :visit, 'approval', 'done', '', '[]', '[]', '[]', '[]', now());
INSERT INTO tickets_approvaltask (ticket_id, visit_id, assignee_id, state, channel, comment, digest, reason, position, created_at)
VALUES (:ticket, :visit, :bob, 'pending', '', '', '', '"limit"', '', now());
INSERT INTO tickets_participant (ticket_id, user_id, kind) VALUES (:ticket, :bob, 'approver') ON CONFLICT DO NOTHING;
UPDATE tickets_ticket SET version = version + 1, event_seq = event_seq + 4, event_hash = 'x' WHERE id = :ticket;
WITH written AS (
    INSERT INTO tickets_event (ticket_id, seq, at, kind, data, hash, actor_id)
    SELECT :ticket, event_seq - n, now(), 'task.approved', '{"node": "first", "name": "first", "round": 1}', 'x', :bob
    FROM tickets_ticket, generate_series(0, 3) AS n WHERE tickets_ticket.id = :ticket RETURNING id
) INSERT INTO tickets_outbox (event_id, attempts) SELECT id, 0 FROM written;
COMMIT;
