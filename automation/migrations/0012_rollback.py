"""Adds rollbacks: a job's last run may be the plan's rollback."""

from django.db import migrations, models

OUTCOMES = [
    ("ok", "Done on every host"),
    ("partial", "Done on some hosts only"),
    ("failed", "Failed"),
    ("timed_out", "Stopped at its time limit"),
    ("out_of_memory", "Stopped at its memory limit"),
    ("cancelled", "Stopped by a person"),
    ("withdrawn", "The ticket no longer waits for it"),
    ("refused", "Refused: not what was approved"),
    ("expired", "The approval ran out before it could start"),
    ("rolled_back", "Rolled back"),
    ("unknown", "Unknown: nobody knows how far it came"),
]
STATUSES = [
    ("waiting", "Waiting"),
    ("running", "Running"),
    ("ok", "OK"),
    ("changed", "Changed"),
    ("failed", "Failed"),
    ("unreachable", "Unreachable"),
    ("rolled_back", "Rolled back"),
    ("skipped", "Skipped"),
    ("not_reached", "Not reached"),
    ("cancelled", "Cancelled"),
    ("unknown", "Unknown"),
]


class Migration(migrations.Migration):
    dependencies = [("automation", "0011_action_sync")]
    operations = [
        migrations.AddField("job", "is_rollback", models.BooleanField(default=False)),
        migrations.AlterField("job", "outcome", models.CharField(blank=True, choices=OUTCOMES, max_length=16)),
        migrations.AlterField(
            "jobhost", "status", models.CharField(choices=STATUSES, default="waiting", max_length=16)
        ),
    ]
