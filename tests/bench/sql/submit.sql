-- What submitting must write: ticket, content, step, task, participants, events, outbox rows.
BEGIN;
SELECT nextval(pg_get_serial_sequence('tickets_ticket', 'id')) AS ticket,
       nextval(pg_get_serial_sequence('tickets_contentversion', 'id')) AS content,
       nextval(pg_get_serial_sequence('tickets_nodevisit', 'id')) AS visit \gset
INSERT INTO tickets_ticket (id, state, submitted_at, number, title, priority, version, created_at, returned_from, reopen,
    rating_comment, event_seq, event_hash, applicant_id, template_version_id)
VALUES (:ticket, 'approving', now(), 'LIM-' || :ticket, 'limit', 'normal', 2, now(), '', '[]', '', 4, 'x', :alice, :version);
INSERT INTO tickets_contentversion (id, ticket_id, number, form, facts, plans, children, digest, created_at, created_by_id)
VALUES (:content, :ticket, 1, '{"subject": "leave", "days": 2}', '{"applicant": {}, "ticket": {}}', '{}', '{}', 'x', now(), :alice);
INSERT INTO tickets_nodevisit (id, ticket_id, node, round, type, state, outcome, queue, reopen, passed, kept, opened_at)
VALUES (:visit, :ticket, 'first', 1, 'approval', 'open', '', '[]', '[]', '[]', '[]', now());
INSERT INTO tickets_approvaltask (ticket_id, visit_id, assignee_id, state, channel, comment, digest, reason, position, created_at)
VALUES (:ticket, :visit, :bob, 'pending', '', '', '', '"limit"', '', now());
INSERT INTO tickets_participant (ticket_id, user_id, kind) VALUES (:ticket, :alice, 'applicant'), (:ticket, :bob, 'approver');
UPDATE tickets_ticket SET content_id = :content WHERE id = :ticket;
WITH written AS (
    INSERT INTO tickets_event (ticket_id, seq, at, kind, data, hash, actor_id)
    SELECT :ticket, n, now(), 'node.opened', '{"node": "first", "name": "first", "round": 1}', 'x', :alice
    FROM generate_series(1, 4) AS n RETURNING id
) INSERT INTO tickets_outbox (event_id, attempts) SELECT id, 0 FROM written;
COMMIT;
