"""Room for signatures that name their key."""

from django.db import migrations, models

import config.keys


class Migration(migrations.Migration):
    dependencies = [("tickets", "0005_visit_passed")]
    operations = [
        migrations.AlterField("event", "hash", models.CharField(max_length=config.keys.SIGNATURE_MAX)),
        migrations.AlterField(
            "ticket", "event_hash", models.CharField(blank=True, max_length=config.keys.SIGNATURE_MAX)
        ),
    ]
