"""Jobs can pause between two batches. Adds to their hosts the batch number and whether a run may have changed them."""

from django.db import migrations, models

STATUSES = [
    ("waiting", "Waiting"),
    ("running", "Running"),
    ("ok", "OK"),
    ("changed", "Changed"),
    ("failed", "Failed"),
    ("unreachable", "Unreachable"),
    ("skipped", "Skipped"),
    ("not_reached", "Not reached"),
    ("cancelled", "Cancelled"),
    ("unknown", "Unknown"),
]
TOUCHED = "UPDATE automation_jobhost SET touched = true WHERE status IN ('changed', 'failed', 'cancelled', 'unknown')"


class Migration(migrations.Migration):
    dependencies = [("automation", "0003_hosts_by_salt_and_site")]
    operations = [
        migrations.AddField("job", "pause_requested_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("jobhost", "batch", models.PositiveSmallIntegerField(blank=True, null=True)),
        migrations.AddField("jobhost", "touched", models.BooleanField(default=False)),
        migrations.AlterField(
            "jobhost", "status", models.CharField(choices=STATUSES, default="waiting", max_length=16)
        ),
        migrations.RemoveIndex("job", "job_open"),
        migrations.AddIndex(
            "job",
            models.Index(
                condition=models.Q(("state__in", ["waiting", "running", "paused"])), fields=["id"], name="job_open"
            ),
        ),
        migrations.RunSQL(TOUCHED, migrations.RunSQL.noop),
    ]
