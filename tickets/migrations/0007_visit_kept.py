"""Store decisions of earlier rounds that count in a visit: they are not asked again after `resume: here`."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0006_signatures")]
    operations = [migrations.AddField("nodevisit", "kept", models.JSONField(blank=True, default=list))]
