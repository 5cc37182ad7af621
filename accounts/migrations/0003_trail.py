"""The administration trail, append-only for all roles; existing proxies get a first act."""

from datetime import UTC

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils.timezone import now

from common.chain import link_hash
from common.keys import SIGNATURE_MAX

FORWARD = """
CREATE FUNCTION accounts_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never %', TG_TABLE_NAME,
        CASE WHEN TG_OP = 'UPDATE' THEN 'changed' ELSE 'erased' END USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER admin_event_append_only BEFORE UPDATE OR DELETE ON accounts_adminevent
    FOR EACH ROW EXECUTE FUNCTION accounts_keep();
CREATE TRIGGER admin_event_no_truncate BEFORE TRUNCATE ON accounts_adminevent
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_keep();
CREATE TRIGGER proxy_never_erased BEFORE DELETE ON accounts_proxy
    FOR EACH ROW EXECUTE FUNCTION accounts_keep();
"""
BACKWARD = """
DROP TRIGGER proxy_never_erased ON accounts_proxy;
DROP TRIGGER admin_event_no_truncate ON accounts_adminevent;
DROP TRIGGER admin_event_append_only ON accounts_adminevent;
DROP FUNCTION accounts_keep();
"""


def moment(at):
    return at.astimezone(UTC).isoformat() if at else None


def begin_trail(apps, schema_editor):
    """Record each proxy as granted by its maker; earlier changes are unknown."""
    Proxy, AdminEvent = apps.get_model("accounts", "Proxy"), apps.get_model("accounts", "AdminEvent")
    # A proxy made by its own agent gives no rights: end it, so that it does not look valid.
    made_by_agent = Proxy.objects.filter(created_by=models.F("agent"))
    made_by_agent.filter(revoked_at=None, ends_at__gt=now()).update(revoked_at=now())
    previous = ""
    for seq, proxy in enumerate(Proxy.objects.select_related("principal", "agent").order_by("id"), start=1):
        data = {
            "principal": proxy.principal.username, "agent": proxy.agent.username,
            "starts_at": moment(proxy.starts_at), "ends_at": moment(proxy.ends_at), "templates": proxy.templates,
            "reason": proxy.reason, "revoked_at": moment(proxy.revoked_at), "before": {},
        }
        act = AdminEvent(
            seq=seq, at=proxy.created_at, kind="proxy.granted", actor_id=proxy.created_by_id, channel="system",
            address="", about=f"proxy:{proxy.pk}", person_id=proxy.principal_id, data=data,
        )
        act.hash = previous = link_hash(
            {
                "seq": seq, "at": act.at.astimezone(UTC).isoformat(timespec="microseconds"), "kind": act.kind,
                "actor": act.actor_id, "channel": act.channel, "address": act.address, "about": act.about,
                "person": act.person_id, "data": data,
            },
            previous,
        )
        act.save(force_insert=True)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_wecom_identity")]

    operations = [
        migrations.CreateModel(
            name="AdminEvent",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(max_length=32)),
                ("channel", models.CharField(max_length=8)),
                ("address", models.CharField(blank=True, max_length=45)),
                ("about", models.CharField(max_length=80)),
                ("data", models.JSONField(default=dict)),
                ("hash", models.CharField(max_length=SIGNATURE_MAX)),
                ("actor", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("person", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AlterField(
            model_name="proxy",
            name="agent",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="proxies_held", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name="proxy",
            name="principal",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="proxies_given", to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name="AdminOutbox",
            fields=[
                ("event", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to="accounts.adminevent")),
            ],
        ),
        migrations.AddIndex(
            model_name="adminevent",
            index=models.Index(fields=["about", "seq"], name="admin_event_about"),
        ),
        migrations.AddIndex(
            model_name="adminevent",
            index=models.Index(fields=["at"], name="admin_event_at"),
        ),
        migrations.RunPython(begin_trail, migrations.RunPython.noop),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
