"""Adds syncs of the team's own repository of actions."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

STATES = [
    ("waiting", "Waiting"),
    ("running", "Running"),
    ("done", "Done"),
    ("refused", "Refused"),
    ("failed", "Failed"),
]


class Migration(migrations.Migration):
    dependencies = [("automation", "0010_inventory_sources"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel(
            name="ActionSync",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state", models.CharField(choices=STATES, default="waiting", max_length=8)),
                ("source", models.CharField(max_length=300)),
                ("ref", models.CharField(blank=True, default="", max_length=200)),
                ("commit", models.CharField(blank=True, default="", max_length=64)),
                ("findings", models.JSONField(default=list)),
                ("found", models.PositiveIntegerField(default=0)),
                ("fresh", models.JSONField(default=list)),
                ("gone", models.JSONField(default=list)),
                ("asked_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
