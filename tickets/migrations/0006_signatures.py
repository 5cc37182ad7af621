"""Longer columns for signatures that contain the id of their key."""

from django.db import migrations, models

import common.keys


class Migration(migrations.Migration):
    dependencies = [("tickets", "0005_visit_passed")]
    operations = [
        migrations.AlterField("event", "hash", models.CharField(max_length=common.keys.SIGNATURE_MAX)),
        migrations.AlterField(
            "ticket", "event_hash", models.CharField(blank=True, max_length=common.keys.SIGNATURE_MAX)
        ),
    ]
