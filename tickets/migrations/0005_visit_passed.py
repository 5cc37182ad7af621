"""Store in each visit whose seats it passed; before, only the trail had it."""

from django.db import migrations, models

FORWARD = """
UPDATE tickets_nodevisit v SET passed = e.data -> 'assignees'
FROM tickets_event e
WHERE e.ticket_id = v.ticket_id AND e.kind = 'task.passed' AND e.data ? 'assignees'
  AND e.data ->> 'node' = v.node AND (e.data ->> 'round')::int = v.round
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0004_attachment")]
    operations = [
        migrations.AddField("nodevisit", "passed", models.JSONField(blank=True, default=list)),
        migrations.RunSQL(FORWARD, migrations.RunSQL.noop),
    ]
