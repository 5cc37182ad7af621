"""Checkpoints: a chain over all tickets, append-only like the trails."""

from django.db import migrations, models

import common.keys

FORWARD = """
CREATE TRIGGER checkpoint_append_only BEFORE UPDATE OR DELETE ON tickets_checkpoint
    FOR EACH ROW EXECUTE FUNCTION baton_append_only();
CREATE TRIGGER checkpoint_no_truncate BEFORE TRUNCATE ON tickets_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION baton_append_only();
"""
BACKWARD = """
DROP TRIGGER checkpoint_no_truncate ON tickets_checkpoint;
DROP TRIGGER checkpoint_append_only ON tickets_checkpoint;
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0008_finished_index")]
    operations = [
        migrations.CreateModel(
            "Checkpoint",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(unique=True)),
                ("at", models.DateTimeField()),
                ("heads", models.JSONField()),
                ("ends", models.JSONField()),
                ("settled", models.BigIntegerField()),
                ("last_event", models.BigIntegerField()),
                ("hash", models.CharField(max_length=common.keys.SIGNATURE_MAX)),
            ],
            options={"indexes": [models.Index(fields=["at"], name="checkpoint_at")]},
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
