"""Adds the second dry run right before a job, which can stop it."""

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
    ("drifted", "Stopped before it began: other changes than those that were foreseen"),
    ("unknown", "Unknown: nobody knows how far it came"),
]


class Migration(migrations.Migration):
    dependencies = [("automation", "0014_job_put_off")]
    operations = [
        migrations.AlterField("job", "outcome", models.CharField(blank=True, choices=OUTCOMES, max_length=16)),
        migrations.AlterField(
            "dryrun",
            "purpose",
            models.CharField(
                choices=[("plan", "plan"), ("job", "job"), ("recheck", "recheck")], default="plan", max_length=8
            ),
        ),
    ]
