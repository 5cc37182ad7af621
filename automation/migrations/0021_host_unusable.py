"""Adds the check result `unusable`: a host answers, but nothing can be run there."""

from django.db import migrations, models

CHECKS = [
    ("", "Never checked"),
    ("ok", "Answers"),
    ("unreachable", "Does not answer"),
    ("unusable", "Answers, but nothing can be run there"),
    ("unknown", "Could not be asked"),
]


class Migration(migrations.Migration):
    dependencies = [("automation", "0020_dry_run_turns")]
    operations = [
        migrations.AlterField(
            "host", "check_result", models.CharField(blank=True, choices=CHECKS, default="", max_length=16)
        ),
    ]
