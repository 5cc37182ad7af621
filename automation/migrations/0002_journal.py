"""Adds to jobs the journal and the entry number of their last attempt."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("automation", "0001_initial")]
    operations = [
        migrations.AlterField(
            "job",
            "outcome",
            models.CharField(
                blank=True,
                choices=[
                    ("ok", "Done on every host"),
                    ("partial", "Done on some hosts only"),
                    ("failed", "Failed"),
                    ("timed_out", "Stopped at its time limit"),
                    ("out_of_memory", "Stopped at its memory limit"),
                    ("cancelled", "Stopped by a person"),
                    ("withdrawn", "The ticket no longer waits for it"),
                    ("refused", "Refused: not what was approved"),
                    ("expired", "The approval ran out before it could start"),
                    ("unknown", "Unknown: nobody knows how far it came"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddField("job", "journal", models.CharField(blank=True, default="", max_length=32)),
        migrations.AddField("job", "entry", models.BigIntegerField(blank=True, null=True)),
        migrations.AddIndex(
            "job",
            models.Index(
                condition=models.Q(("journal", ""), _negated=True), fields=["journal", "entry"], name="job_journal"
            ),
        ),
    ]
