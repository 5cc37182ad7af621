"""Add seals, and sign the waiting taps and sent cards as they are: no earlier proof of their content exists."""

from django.db import migrations, models

import common.keys


def seal_all(apps, _editor) -> None:  # type: ignore[no-untyped-def]
    """Sign the rows that a worker may still have to check."""
    from notify.wecom.seals import card_bytes, tap_bytes

    for tap in apps.get_model("notify", "Callback").objects.filter(processed_at__isnull=True).iterator():
        tap.seal = common.keys.sign(tap_bytes(tap))
        tap.save(update_fields=["seal"])
    for card in apps.get_model("notify", "Card").objects.exclude(digest="").iterator():
        card.seal = common.keys.sign(card_bytes(card))
        card.save(update_fields=["seal"])


class Migration(migrations.Migration):
    dependencies = [("notify", "0004_acts")]
    operations = [
        migrations.AddField(
            "callback", "seal", models.CharField(max_length=common.keys.SIGNATURE_MAX, blank=True, db_default="")
        ),
        migrations.AddField(
            "card", "seal", models.CharField(max_length=common.keys.SIGNATURE_MAX, blank=True, db_default="")
        ),
        migrations.RunPython(seal_all, migrations.RunPython.noop),
    ]
