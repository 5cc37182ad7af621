"""Participation can end with a proxy; people who only acted for somebody are agents."""

import django.db.models.deletion
from django.db import migrations, models

AGENTS = """
UPDATE tickets_participant part SET kind = 'agent'
WHERE kind = 'approver'
  AND NOT EXISTS (
      SELECT 1 FROM tickets_approvaltask task WHERE task.ticket_id = part.ticket_id AND task.assignee_id = part.user_id
  )
  AND EXISTS (
      SELECT 1 FROM tickets_approvaltask task
      WHERE task.ticket_id = part.ticket_id AND task.decided_by_id = part.user_id AND task.on_behalf_of_id IS NOT NULL
  )
"""
APPROVERS = """
INSERT INTO tickets_participant (ticket_id, user_id, kind, seen_at)
SELECT ticket_id, user_id, 'approver', seen_at FROM tickets_participant WHERE kind = 'agent' ON CONFLICT DO NOTHING;
DELETE FROM tickets_participant WHERE kind = 'agent'
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0010_ticket_to_mend"), ("accounts", "0005_login_failures")]

    operations = [
        migrations.AlterField(
            model_name="participant",
            name="kind",
            field=models.CharField(
                choices=[("applicant", "Applicant"), ("approver", "Approver"), ("cc", "Cc"), ("agent", "Agent")],
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="participant",
            name="proxy",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.proxy",
            ),
        ),
        migrations.RunSQL(AGENTS, APPROVERS),
    ]
