"""The month's SQL. Every statement takes {start, end, zone} and reads only rows of that month, by index.

A ticket belongs to the month in which it was submitted; its hours and rating belong to the month in which it was
finished; a decision belongs to the month in which it was made.
"""

STATES = """
SELECT state, count(*)
FROM tickets_ticket
WHERE submitted_at >= %(start)s AND submitted_at < %(end)s
GROUP BY state
"""

COMPLETED = """
SELECT count(*),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - submitted_at)) / 3600,
       avg(rating)::float8,
       count(rating)
FROM tickets_ticket
WHERE state = 'completed' AND finished_at >= %(start)s AND finished_at < %(end)s
"""

ON_TIME = """
SELECT count(*) FILTER (WHERE decided_at <= due_at), count(*)
FROM tickets_approvaltask
WHERE decided_at >= %(start)s AND decided_at < %(end)s AND due_at IS NOT NULL
  AND state IN ('approved', 'confirmed', 'returned', 'vetoed')
"""

BY_TEMPLATE = """
WITH counted AS (
    SELECT version.template_id,
           count(*) FILTER (WHERE is_submitted) AS submitted,
           count(*) FILTER (WHERE is_completed) AS completed,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - submitted_at))
               FILTER (WHERE is_completed) / 3600 AS hours
    FROM (
        SELECT template_version_id, submitted_at, finished_at,
               submitted_at >= %(start)s AND submitted_at < %(end)s AS is_submitted,
               state = 'completed' AND finished_at >= %(start)s AND finished_at < %(end)s AS is_completed
        FROM tickets_ticket
        WHERE submitted_at >= %(start)s AND submitted_at < %(end)s
           OR finished_at >= %(start)s AND finished_at < %(end)s
    ) AS ticket
    JOIN templates_engine_templateversion AS version ON version.id = ticket.template_version_id
    WHERE is_submitted OR is_completed
    GROUP BY version.template_id
)
SELECT template.key, newest.name, submitted, completed, hours
FROM counted
JOIN templates_engine_template AS template ON template.id = counted.template_id
JOIN LATERAL (
    SELECT document -> 'name' AS name
    FROM templates_engine_templateversion
    WHERE template_id = template.id
    ORDER BY id = template.current_id DESC NULLS LAST, number DESC
    LIMIT 1
) AS newest ON true
ORDER BY submitted DESC, completed DESC, template.key
"""

BY_HANDLER = """
SELECT handler.username, handler.name, count(*), count(task.on_behalf_of_id),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM decided_at - task.created_at)) / 3600
FROM tickets_approvaltask AS task
JOIN accounts_user AS handler ON handler.id = task.decided_by_id
WHERE task.decided_at >= %(start)s AND task.decided_at < %(end)s
  AND task.state IN ('approved', 'confirmed', 'returned', 'vetoed')
GROUP BY handler.id
ORDER BY count(*) DESC, handler.username
"""

BY_DAY = """
SELECT (at AT TIME ZONE %(zone)s)::date, count(*) FILTER (WHERE NOT is_end), count(*) FILTER (WHERE is_end)
FROM (
    SELECT submitted_at AS at, false AS is_end
    FROM tickets_ticket
    WHERE submitted_at >= %(start)s AND submitted_at < %(end)s
    UNION ALL
    SELECT finished_at, true
    FROM tickets_ticket
    WHERE state = 'completed' AND finished_at >= %(start)s AND finished_at < %(end)s
) AS moments
GROUP BY 1
"""

VERSIONS = """
SELECT version.id, version.number, version.document -> 'name'
FROM templates_engine_templateversion AS version
WHERE version.id IN (
    SELECT template_version_id FROM tickets_ticket
    WHERE submitted_at >= %(start)s AND submitted_at < %(end)s
)
"""

TICKETS = """
SELECT ticket.number, ticket.title, ticket.template_version_id, applicant.name, department.name,
       ticket.priority, ticket.state,
       ticket.created_at AT TIME ZONE %(zone)s,
       ticket.submitted_at AT TIME ZONE %(zone)s,
       ticket.finished_at AT TIME ZONE %(zone)s,
       (extract(epoch FROM ticket.finished_at - ticket.submitted_at) / 3600)::float8,
       ticket.rating, ticket.rating_comment, handlers.names
FROM tickets_ticket AS ticket
JOIN accounts_user AS applicant ON applicant.id = ticket.applicant_id
LEFT JOIN accounts_department AS department ON department.id = ticket.department_id
LEFT JOIN LATERAL (
    SELECT array_agg(name ORDER BY first_at) AS names
    FROM (
        SELECT CASE WHEN principal.id IS NULL THEN handler.name
                    ELSE format(%(proxied)s, handler.name, principal.name) END AS name,
               min(task.decided_at) AS first_at
        FROM tickets_approvaltask AS task
        JOIN accounts_user AS handler ON handler.id = task.decided_by_id
        LEFT JOIN accounts_user AS principal ON principal.id = task.on_behalf_of_id
        WHERE task.ticket_id = ticket.id AND task.state IN ('approved', 'confirmed', 'returned', 'vetoed')
        GROUP BY handler.id, principal.id
    ) AS people
) AS handlers ON true
WHERE ticket.submitted_at >= %(start)s AND ticket.submitted_at < %(end)s
ORDER BY ticket.submitted_at, ticket.id
"""
