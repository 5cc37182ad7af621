"""Quotas. Unlogged: counting needs no flush, and after a crash everybody starts with a full bucket."""

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
