"""Index on the time of completion, for monthly reports."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0007_visit_kept")]

    operations = [
        migrations.AddIndex(
            "ticket",
            models.Index(
                fields=["finished_at"], name="ticket_finished", condition=models.Q(finished_at__isnull=False)
            ),
        ),
    ]
