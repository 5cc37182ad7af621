"""Who gets a month's workbook, and whether it was sent."""

import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models

STATES = [("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed, will retry"), ("dead", "Given up")]
HOLDS = [("pace", "Its recipient has had as many messages as WeCom lets through")]
KNOWN = [state for state, _words in STATES]


class Migration(migrations.Migration):
    initial = True

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Sending",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    django_fsm.FSMField(choices=STATES, default="queued", max_length=50, protected=True),
                ),
                ("due_at", models.DateTimeField()),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, max_length=500)),
                ("receipt", models.CharField(blank=True, max_length=500)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("held_by", models.CharField(blank=True, choices=HOLDS, db_default="", max_length=8)),
                ("month", models.CharField(max_length=7)),
                ("channel", models.CharField(choices=[("mail", "Mail"), ("wecom", "Wecom")], max_length=8)),
                ("created_at", models.DateTimeField()),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(state__in=["queued", "failed"]), fields=["due_at"], name="sending_due"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("month", "recipient", "channel"), name="sending_once"),
                    models.CheckConstraint(condition=models.Q(state__in=KNOWN), name="sending_state_known"),
                    models.CheckConstraint(
                        condition=~models.Q(state="sent") | models.Q(sent_at__isnull=False),
                        name="sending_sent_has_time",
                    ),
                ],
            },
            bases=(django_fsm.ConcurrentTransitionMixin, models.Model),
        ),
    ]
