"""Allowances. Unlogged: counting costs no flush, and a crash gives everybody a full one."""

from django.db import migrations, models

UNLOGGED = "ALTER TABLE accounts_quota SET UNLOGGED"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_login_failures")]

    operations = [
        migrations.CreateModel(
            name="Quota",
            fields=[
                ("key", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("full_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(UNLOGGED, migrations.RunSQL.noop),
    ]
