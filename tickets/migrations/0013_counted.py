"""Indexes for the numbers in the menu: without them, counting walked all open tickets and all copies of a person."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tickets", "0012_foreseen")]

    operations = [
        AddIndexConcurrently(
            "ticket",
            models.Index(fields=["applicant"], name="ticket_mine_open", condition=models.Q(finished_at__isnull=True)),
        ),
        AddIndexConcurrently(
            "participant",
            models.Index(
                fields=["user"], name="participant_unseen", condition=models.Q(kind="cc", seen_at__isnull=True)
            ),
        ),
    ]
