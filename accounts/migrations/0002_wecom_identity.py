"""WeCom userids ignore case; record who was disabled by `wecom sync`."""

import re

import django.core.validators
from django.db import migrations, models
from django.db.models.functions import Upper


def refuse_twins(apps, schema_editor):  # type: ignore[no-untyped-def]
    """Refuse two accounts with the same userid: a program cannot tell which one is right."""
    twins: dict[str, list[str]] = {}
    rows = apps.get_model("accounts", "User").objects.exclude(wecom_userid=None).order_by("username")
    for username, userid in rows.values_list("username", "wecom_userid"):
        twins.setdefault(userid.upper(), []).append(username)
    for userid, names in twins.items():
        if len(names) > 1:
            raise RuntimeError(
                f"{' and '.join(names)} have the WeCom userid {userid}, which WeCom writes in any case: "
                "take it from all but one (wecom_userid = NULL), then migrate again"
            )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunPython(refuse_twins, migrations.RunPython.noop, elidable=True),
        migrations.AddField("user", "has_left_wecom", models.BooleanField(default=False)),
        migrations.AlterField(
            "user",
            "wecom_userid",
            models.CharField(
                blank=True,
                max_length=64,
                null=True,
                validators=[django.core.validators.RegexValidator(re.compile(r"^[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}\Z"))],
            ),
        ),
        migrations.AddConstraint("user", models.UniqueConstraint(Upper("wecom_userid"), name="wecom_userid_any_case")),
    ]
