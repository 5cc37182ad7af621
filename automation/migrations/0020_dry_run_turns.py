"""Adds an index on the start time of dry runs, which decides whose dry run is next."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("automation", "0019_runs_by_stage")]
    operations = [
        migrations.AddIndex("dryrun", models.Index(fields=["started_at"], name="dry_run_begun")),
    ]
