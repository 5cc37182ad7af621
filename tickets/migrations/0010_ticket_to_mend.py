"""Index on returned tickets of an applicant."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0009_checkpoint")]
    operations = [
        migrations.AddIndex(
            "ticket",
            models.Index(fields=["applicant", "-id"], name="ticket_to_mend", condition=models.Q(state="returned")),
        ),
    ]
