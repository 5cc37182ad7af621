"""One row for each run of an attempt: also of stages and health checks. Earlier rows belong to the first stage."""

from django.db import migrations, models

DROP = """
ALTER TABLE automation_auditrun DROP CONSTRAINT IF EXISTS audit_run_once;
ALTER TABLE automation_auditrun DROP CONSTRAINT IF EXISTS audit_dry_run_once;
"""
# For a downgrade. The record is never erased, so if rows violate the old unique keys, the keys are not added.
ADD_BEFORE = """
DO $$ BEGIN
    ALTER TABLE automation_auditrun ADD CONSTRAINT audit_run_once UNIQUE (job_id, attempt);
    ALTER TABLE automation_auditrun ADD CONSTRAINT audit_dry_run_once UNIQUE (dry_run_id, attempt);
EXCEPTION WHEN unique_violation THEN
    RAISE NOTICE 'automation_auditrun keeps runs by stage: no unique key for an attempt';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("automation", "0018_shell_alarms")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint(model_name="auditrun", name="audit_run_once"),
                migrations.RemoveConstraint(model_name="auditrun", name="audit_dry_run_once"),
            ],
            database_operations=[migrations.RunSQL(DROP, ADD_BEFORE)],
        ),
        migrations.AddField(
            model_name="auditrun",
            name="stage",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name="auditrun",
            name="mode",
            field=models.CharField(
                choices=[
                    ("run", "Run"),
                    ("rerun", "Rerun"),
                    ("resume", "Resumption"),
                    ("rollback", "Rollback"),
                    ("check", "Dry run"),
                    ("health", "Health check"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="auditrun",
            constraint=models.UniqueConstraint(fields=("job", "attempt", "stage", "mode"), name="audit_run_once"),
        ),
        migrations.AddConstraint(
            model_name="auditrun",
            constraint=models.UniqueConstraint(fields=("dry_run", "attempt", "stage"), name="audit_dry_run_once"),
        ),
    ]
