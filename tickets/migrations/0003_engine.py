"""Parallel branches, sub-tickets, added signatures, returns to any node, timers."""

import django.db.models.deletion
from django.db import migrations, models


def nodes_to_reopen(apps, schema_editor):
    """A return with `resume: here` came back to one node; now there can be several."""
    Ticket = apps.get_model("tickets", "Ticket")
    for ticket in Ticket.objects.exclude(resume_node="").iterator():
        ticket.reopen = [ticket.resume_node]
        ticket.save(update_fields=["reopen"])


def node_to_resume(apps, schema_editor):
    """Keep the first of these nodes."""
    Ticket = apps.get_model("tickets", "Ticket")
    for ticket in Ticket.objects.exclude(reopen=[]).iterator():
        ticket.resume_node = ticket.reopen[0]
        ticket.save(update_fields=["resume_node"])


def mark_failed_jobs(apps, schema_editor):
    """Mark the visits of failed jobs: the ticket's state does not show jobs that wait in other branches."""
    NodeVisit = apps.get_model("tickets", "NodeVisit")
    NodeVisit.objects.filter(ticket__state="failed", type="automation", state="open").update(outcome="failed")


class Migration(migrations.Migration):
    dependencies = [("tickets", "0002_append_only")]

    operations = [
        migrations.AddField(
            "ticket", "returned_from", models.CharField(blank=True, max_length=64, default=""), preserve_default=False
        ),
        migrations.AddField("ticket", "reopen", models.JSONField(blank=True, default=list)),
        migrations.RunPython(nodes_to_reopen, node_to_resume),
        migrations.RunPython(mark_failed_jobs, migrations.RunPython.noop),
        migrations.RemoveField("ticket", "resume_node"),
        migrations.AddField(
            "ticket",
            "parent",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="children", to="tickets.ticket"
            ),
        ),
        migrations.AddField(
            "ticket",
            "parent_visit",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="children", to="tickets.nodevisit"
            ),
        ),
        migrations.AddField("nodevisit", "reopen", models.JSONField(blank=True, default=list)),
        migrations.AddField(
            "approvaltask",
            "added_to",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="added",
                to="tickets.approvaltask",
            ),
        ),
        migrations.AddField(
            "approvaltask",
            "position",
            models.CharField(
                blank=True,
                choices=[("before", "Before"), ("after", "After"), ("with", "With")],
                max_length=8,
                default="",
            ),
            preserve_default=False,
        ),
        migrations.AddField("contentversion", "children", models.JSONField(blank=True, default=dict)),
        migrations.CreateModel(
            name="Timer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("wait", "Wait"), ("remind", "Remind"), ("due", "Due")], max_length=8),
                ),
                ("due_at", models.DateTimeField()),
                ("fired_at", models.DateTimeField(blank=True, null=True)),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="timers", to="tickets.nodevisit"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("fired_at__isnull", True)), fields=["due_at"], name="timer_due")
                ],
                "constraints": [models.UniqueConstraint(fields=("visit", "kind", "due_at"), name="timer_once")],
            },
        ),
    ]
