"""Adds the time when a job's external system was last unreachable; for a while after it, the job blocks no others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("automation", "0013_what_ran")]

    operations = [
        migrations.AddField("job", "put_off_at", models.DateTimeField(blank=True, null=True)),
    ]
