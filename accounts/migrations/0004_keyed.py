"""Store session keys and token digests keyed with BATON_SECRET_KEY; seal tokens to their owner and their end.

Tokens stay valid: the new digest is computed from the old one. Sessions end: old rows contain their keys in clear text.
"""

from datetime import UTC

from django.db import migrations, models

from common.keyed import keyed


def seal_tokens(apps, schema_editor):
    for token in apps.get_model("accounts", "ApiToken").objects.iterator():
        token.digest = keyed("token", token.digest)
        ends = token.expires_at.astimezone(UTC).isoformat() if token.expires_at else ""
        token.seal = keyed("token-seal", f"{token.digest} {token.user_id} {ends}")
        token.save(update_fields=["digest", "seal"])


def end_sessions(apps, schema_editor):
    apps.get_model("accounts", "Session").objects.all().delete()


def end_tokens(apps, schema_editor):
    """Backwards: delete all tokens, because the old digests cannot be restored."""
    apps.get_model("accounts", "ApiToken").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_trail")]

    operations = [
        migrations.AddField("apitoken", "seal", models.CharField(max_length=64, default=""), preserve_default=False),
        migrations.RunPython(seal_tokens, end_tokens),
        migrations.RunPython(end_sessions, end_sessions),
    ]
