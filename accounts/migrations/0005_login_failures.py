"""Count wrong passwords with accounts.access.guessing; drop the tables of django-axes."""

from django.db import migrations, models

OF_AXES = """
DROP TABLE IF EXISTS axes_accessattemptexpiration, axes_accessattempt, axes_accesslog, axes_accessfailurelog;
DELETE FROM django_migrations WHERE app = 'axes';
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_keyed")]

    operations = [
        migrations.CreateModel(
            name="LoginFailure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(max_length=64)),
                ("place", models.CharField(max_length=64)),
                ("failures", models.PositiveIntegerField()),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["place", "last_at"], name="login_failure_place"),
                    models.Index(fields=["last_at"], name="login_failure_age"),
                ],
                "constraints": [models.UniqueConstraint(fields=("account", "place"), name="login_failure_once")],
            },
        ),
        migrations.RunSQL(OF_AXES, migrations.RunSQL.noop),
    ]
