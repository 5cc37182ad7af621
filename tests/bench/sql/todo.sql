-- What a to-do list must read: one person's page with titles, people and template.
SELECT t.id, t.number, t.title, t.state, t.priority, t.created_at, u.username, d.key, v.number
FROM tickets_approvaltask k
JOIN tickets_ticket t ON t.id = k.ticket_id
JOIN accounts_user u ON u.id = t.applicant_id
LEFT JOIN accounts_department d ON d.id = t.department_id
JOIN templates_engine_templateversion v ON v.id = t.template_version_id
WHERE k.assignee_id = :busy AND k.state = 'pending'
ORDER BY k.ticket_id DESC LIMIT 20;
