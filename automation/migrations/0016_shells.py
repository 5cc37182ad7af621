"""Adds hosts that send typed shell lines, and these lines: append-only, deleted only by the purge of old ones (I07)."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION baton_shell_line_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.received_at < nullif(current_setting('baton.shell_lines_before', true), '')::timestamptz THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'rows of % are never %', TG_TABLE_NAME,
        CASE WHEN TG_OP = 'UPDATE' THEN 'changed' ELSE 'erased' END USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER shell_line_kept BEFORE UPDATE OR DELETE ON automation_shellline
    FOR EACH ROW EXECUTE FUNCTION baton_shell_line_keep();
CREATE TRIGGER shell_line_no_truncate BEFORE TRUNCATE ON automation_shellline
    FOR EACH STATEMENT EXECUTE FUNCTION baton_shell_line_keep();
"""
BACKWARD = """
DROP TRIGGER shell_line_no_truncate ON automation_shellline;
DROP TRIGGER shell_line_kept ON automation_shellline;
DROP FUNCTION baton_shell_line_keep();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("automation", "0015_drift"),
    ]

    operations = [
        migrations.CreateModel(
            name="ShellHost",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=128)),
                ("public_key", models.CharField(max_length=128)),
                ("enrolled_at", models.DateTimeField()),
                ("enrolled_by", models.CharField(blank=True, max_length=150)),
                ("removed_at", models.DateTimeField(null=True)),
                ("last_seq", models.BigIntegerField(default=0)),
                ("last_at", models.DateTimeField(null=True)),
                ("lost", models.BigIntegerField(default=0)),
                ("newest", models.BigIntegerField(default=0)),
                ("looked", models.BigIntegerField(default=0)),
                (
                    "enrolled_job",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="automation.job"
                    ),
                ),
                (
                    "host",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="automation.host"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ShellLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("user", models.CharField(max_length=64)),
                ("session", models.CharField(max_length=64)),
                ("tty", models.CharField(blank=True, max_length=32)),
                ("source", models.CharField(blank=True, max_length=64)),
                ("cwd", models.CharField(blank=True, max_length=512)),
                ("command", models.CharField(max_length=4096)),
                ("is_cut", models.BooleanField(default=False)),
                (
                    "shell_host",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="automation.shellhost"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="shellhost",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at__isnull", True)), fields=("name",), name="shell_host_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="shellhost",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at__isnull", True)), fields=("public_key",), name="shell_host_key"
            ),
        ),
        migrations.AddIndex(
            model_name="shellline",
            index=models.Index(fields=["-at", "-id"], name="shell_line_when"),
        ),
        migrations.AddIndex(
            model_name="shellline",
            index=models.Index(fields=["shell_host", "-at", "-id"], name="shell_line_host"),
        ),
        migrations.AddIndex(
            model_name="shellline",
            index=models.Index(fields=["user", "-at", "-id"], name="shell_line_user"),
        ),
        migrations.AddConstraint(
            model_name="shellline",
            constraint=models.UniqueConstraint(fields=("shell_host", "seq"), name="shell_line_once"),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
