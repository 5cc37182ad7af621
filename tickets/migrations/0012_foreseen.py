"""Store the last dry run of each plan in the ticket."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0011_part_by_proxy")]
    operations = [
        migrations.AddField("ticket", "foreseen", models.JSONField(blank=True, default=dict, db_default={})),
    ]
