"""Attachments. A bound row never changes; of an unbound one only the ticket can be set (A06)."""

import django.db.models.deletion
import tickets.models.attachment
from django.conf import settings
from django.db import migrations, models

FORWARD = """
CREATE TRIGGER attachment_frozen BEFORE UPDATE ON tickets_attachment FOR EACH ROW
    WHEN (OLD.ticket_id IS NOT NULL
          OR (OLD.id, OLD.owner_id, OLD.name, OLD.size, OLD.content_type, OLD.sha256, OLD.stored_as, OLD.created_at)
             IS DISTINCT FROM
             (NEW.id, NEW.owner_id, NEW.name, NEW.size, NEW.content_type, NEW.sha256, NEW.stored_as, NEW.created_at))
    EXECUTE FUNCTION baton_append_only();
CREATE TRIGGER attachment_kept BEFORE DELETE ON tickets_attachment FOR EACH ROW
    WHEN (OLD.ticket_id IS NOT NULL)
    EXECUTE FUNCTION baton_append_only();
"""
BACKWARD = """
DROP TRIGGER attachment_kept ON tickets_attachment;
DROP TRIGGER attachment_frozen ON tickets_attachment;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0003_engine"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=tickets.models.attachment.new_id,
                        editable=False,
                        max_length=32,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("loose", models.BooleanField(default=False)),
                ("name", models.CharField(max_length=200)),
                ("size", models.PositiveBigIntegerField()),
                ("content_type", models.CharField(max_length=100)),
                ("sha256", models.CharField(max_length=64)),
                ("stored_as", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField()),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="tickets.ticket",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ticket__isnull", True)), fields=["created_at"], name="attachment_unbound"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("size__gt", 0)), name="attachment_not_empty"),
                    models.CheckConstraint(
                        condition=models.Q(("loose", False), ("ticket__isnull", False), _connector="OR"),
                        name="attachment_loose_is_bound",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
