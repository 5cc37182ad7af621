"""Taps that wait and cards that are out get a seal, as they are: nothing older can prove what they were."""

from django.db import migrations, models

import config.keys


def seal_all(apps, _editor) -> None:  # type: ignore[no-untyped-def]
    """Sign what a worker may still have to judge."""
    from notify.seals import card_bytes, tap_bytes

    for tap in apps.get_model("notify", "Callback").objects.filter(processed_at__isnull=True).iterator():
        tap.seal = config.keys.sign(tap_bytes(tap))
        tap.save(update_fields=["seal"])
    for card in apps.get_model("notify", "Card").objects.exclude(digest="").iterator():
        card.seal = config.keys.sign(card_bytes(card))
        card.save(update_fields=["seal"])


class Migration(migrations.Migration):
    dependencies = [("notify", "0004_acts")]
    operations = [
        migrations.AddField(
            "callback", "seal", models.CharField(max_length=config.keys.SIGNATURE_MAX, blank=True, db_default="")
        ),
        migrations.AddField(
            "card", "seal", models.CharField(max_length=config.keys.SIGNATURE_MAX, blank=True, db_default="")
        ),
        migrations.RunPython(seal_all, migrations.RunPython.noop),
    ]
