"""Adds versions of actions with their files. A trigger keeps the content unchanged; the state may change (I15, A29)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

FORWARD = """
CREATE FUNCTION baton_frozen_action() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.key, NEW.version, NEW.files, NEW.source, NEW.commit, NEW.found_at)
       IS DISTINCT FROM (OLD.id, OLD.key, OLD.version, OLD.files, OLD.source, OLD.commit, OLD.found_at) THEN
        RAISE EXCEPTION 'a version of an action never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER action_version_frozen BEFORE UPDATE ON automation_actionversion
    FOR EACH ROW EXECUTE FUNCTION baton_frozen_action();
"""
BACKWARD = """
DROP TRIGGER action_version_frozen ON automation_actionversion;
DROP FUNCTION baton_frozen_action();
"""


def person() -> models.ForeignKey:
    return models.ForeignKey(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
    )


STATES = [("new", "New"), ("released", "Released"), ("superseded", "Superseded"), ("withdrawn", "Withdrawn")]


class Migration(migrations.Migration):
    dependencies = [("automation", "0004_pause"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel(
            name="ActionVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64)),
                ("version", models.CharField(max_length=64)),
                ("source", models.CharField(max_length=300)),
                ("commit", models.CharField(blank=True, default="", max_length=64)),
                ("files", models.JSONField()),
                ("state", models.CharField(choices=STATES, default="new", max_length=16)),
                ("is_recalled", models.BooleanField(default=False)),
                ("note", models.CharField(blank=True, default="", max_length=2000)),
                ("found_at", models.DateTimeField()),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("act", models.BigIntegerField(blank=True, null=True)),
                ("change", models.BigIntegerField(db_index=True)),
                ("seal", models.CharField(max_length=97)),
                ("released_by", person()),
                ("withdrawn_by", person()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("key", "version"), name="action_version_once"),
                    models.UniqueConstraint(condition=Q(state="released"), fields=("key",), name="action_one_released"),
                    models.CheckConstraint(
                        condition=Q(state__in=["new", "released", "superseded", "withdrawn"]),
                        name="action_state_known",
                    ),
                ]
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
