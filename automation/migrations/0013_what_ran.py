"""Adds the record of runs, which is written once (I07), and fills in earlier runs from the audit trail."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION baton_audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL
           AND to_jsonb(NEW) - ARRAY['ended_at', 'outcome', 'status']
               = to_jsonb(OLD) - ARRAY['ended_at', 'outcome', 'status'] THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'rows of % are never %', TG_TABLE_NAME,
        CASE WHEN TG_OP = 'UPDATE' THEN 'changed' ELSE 'erased' END USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_run_kept BEFORE UPDATE OR DELETE ON automation_auditrun
    FOR EACH ROW EXECUTE FUNCTION baton_audit_keep();
CREATE TRIGGER audit_run_no_truncate BEFORE TRUNCATE ON automation_auditrun
    FOR EACH STATEMENT EXECUTE FUNCTION baton_audit_keep();
CREATE TRIGGER audit_host_kept BEFORE UPDATE OR DELETE ON automation_audithost
    FOR EACH ROW EXECUTE FUNCTION baton_audit_keep();
CREATE TRIGGER audit_host_no_truncate BEFORE TRUNCATE ON automation_audithost
    FOR EACH STATEMENT EXECUTE FUNCTION baton_audit_keep();
"""
BACKWARD = """
DROP TRIGGER audit_host_no_truncate ON automation_audithost;
DROP TRIGGER audit_host_kept ON automation_audithost;
DROP TRIGGER audit_run_no_truncate ON automation_auditrun;
DROP TRIGGER audit_run_kept ON automation_auditrun;
DROP FUNCTION baton_audit_keep();
"""

# From the audit trail: which runs started, which release allowed them, how they ended. Earlier dry runs are not in it.
RUNS = """
INSERT INTO automation_auditrun (job_id, attempt, mode, release, ticket_id, node, action, version, executor, site,
       params, asked_by_id, approved_by, began_at, ended_at, outcome)
SELECT job.id, started.attempt,
       CASE release.kind WHEN 'job.rerun' THEN 'rerun' WHEN 'job.resumed' THEN 'resume' ELSE 'run' END,
       coalesce(release.hash, ''), started.ticket_id, job.node, plan.said->>'action', plan.said->>'version',
       plan.said->>'executor', coalesce(plan.said->>'site', ''), plan.said->'params',
       CASE WHEN release.kind = 'execution.approved' THEN ticket.applicant_id
            ELSE coalesce(release.actor_id, ticket.applicant_id) END,
       coalesce((SELECT jsonb_agg(DISTINCT person.username)
                   FROM jsonb_array_elements(sealed.data->'decisions') AS decision
                   JOIN accounts_user person ON person.id = (decision->>'by')::bigint), '[]'),
       started.at, ended.at,
       CASE ended.kind WHEN 'job.finished' THEN ended.data->>'outcome' WHEN 'job.paused' THEN 'paused' ELSE '' END
  FROM (SELECT ticket_id, seq, at, data, (data->>'job')::bigint AS job,
               row_number() OVER (PARTITION BY data->>'job' ORDER BY seq) AS attempt
          FROM tickets_event WHERE kind = 'job.started') started
  JOIN automation_job job ON job.id = started.job
  JOIN tickets_ticket ticket ON ticket.id = started.ticket_id
  JOIN tickets_contentversion content ON content.id = job.content_id
  JOIN LATERAL (SELECT content.plans->job.node AS said) plan ON plan.said IS NOT NULL
  LEFT JOIN LATERAL (
       SELECT kind, hash, actor_id FROM tickets_event event
        WHERE event.ticket_id = started.ticket_id AND event.seq < started.seq
          AND event.kind IN ('execution.approved', 'job.rerun', 'job.resumed')
          AND event.data->'node' = started.data->'node' AND event.data->'round' = started.data->'round'
        ORDER BY seq DESC LIMIT 1) release ON true
  LEFT JOIN LATERAL (
       SELECT data FROM tickets_event event
        WHERE event.ticket_id = started.ticket_id AND event.seq < started.seq AND event.kind = 'execution.approved'
          AND event.data->'node' = started.data->'node' AND event.data->'round' = started.data->'round'
        ORDER BY seq DESC LIMIT 1) sealed ON true
  LEFT JOIN LATERAL (
       SELECT kind, at, data FROM tickets_event event
        WHERE event.ticket_id = started.ticket_id AND event.seq > started.seq
          AND event.kind IN ('job.finished', 'job.paused') AND event.data->>'job' = started.data->>'job'
        ORDER BY seq LIMIT 1) ended ON true
 ORDER BY started.at, job.id
"""
HOSTS = """
INSERT INTO automation_audithost (run_id, host, address, connection, status, began_at, ended_at)
SELECT run.id, target->>'name', coalesce(target->>'address', ''), coalesce(target->>'connection', ''),
       CASE WHEN run.ended_at IS NULL THEN 'running'
            WHEN ended.data->'hosts'->>(target->>'name') = 'waiting' THEN 'not_reached'
            ELSE coalesce(ended.data->'hosts'->>(target->>'name'), 'unknown') END,
       run.began_at, run.ended_at
  FROM automation_auditrun run
  JOIN automation_job job ON job.id = run.job_id
  JOIN tickets_contentversion content ON content.id = job.content_id
  CROSS JOIN jsonb_array_elements(content.plans->job.node->'targets') target
  LEFT JOIN tickets_event release ON release.ticket_id = run.ticket_id AND release.hash = run.release
  LEFT JOIN LATERAL (
       SELECT data FROM tickets_event event
        WHERE event.ticket_id = run.ticket_id AND event.at = run.ended_at
          AND event.kind IN ('job.finished', 'job.paused') AND (event.data->>'job')::bigint = run.job_id
        ORDER BY seq LIMIT 1) ended ON true
 WHERE coalesce(jsonb_typeof(release.data->'hosts'), 'null') = 'null' OR release.data->'hosts' @> (target->'name')
 ORDER BY run.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("automation", "0012_rollback"),
        ("tickets", "0012_foreseen"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("attempt", models.PositiveSmallIntegerField()),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("run", "Run"),
                            ("rerun", "Rerun"),
                            ("resume", "Resumption"),
                            ("rollback", "Rollback"),
                            ("check", "Dry run"),
                        ],
                        max_length=8,
                    ),
                ),
                ("release", models.CharField(blank=True, max_length=128)),
                ("node", models.CharField(max_length=64)),
                ("action", models.CharField(max_length=64)),
                ("version", models.CharField(max_length=64)),
                ("executor", models.CharField(max_length=32)),
                ("site", models.CharField(blank=True, max_length=64)),
                ("params", models.JSONField()),
                ("command", models.JSONField(null=True)),
                ("approved_by", models.JSONField(default=list)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, max_length=16)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "dry_run",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="automation.dryrun"
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="automation.job"
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tickets.ticket"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AuditHost",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("host", models.CharField(max_length=128)),
                ("address", models.CharField(blank=True, max_length=255)),
                ("connection", models.CharField(max_length=16)),
                ("status", models.CharField(max_length=16)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="hosts", to="automation.auditrun"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="auditrun",
            index=models.Index(fields=["-began_at", "-id"], name="audit_run_when"),
        ),
        migrations.AddIndex(
            model_name="auditrun",
            index=models.Index(fields=["action", "-began_at"], name="audit_run_action"),
        ),
        migrations.AddIndex(
            model_name="auditrun",
            index=models.Index(fields=["ticket"], name="audit_run_ticket"),
        ),
        migrations.AddConstraint(
            model_name="auditrun",
            constraint=models.UniqueConstraint(fields=("job", "attempt"), name="audit_run_once"),
        ),
        migrations.AddConstraint(
            model_name="auditrun",
            constraint=models.UniqueConstraint(fields=("dry_run", "attempt"), name="audit_dry_run_once"),
        ),
        migrations.AddConstraint(
            model_name="auditrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("dry_run__isnull", True), ("job__isnull", False)),
                    models.Q(("dry_run__isnull", False), ("job__isnull", True)),
                    _connector="OR",
                ),
                name="audit_run_of_one",
            ),
        ),
        migrations.AddIndex(
            model_name="audithost",
            index=models.Index(fields=["host", "-began_at", "-run"], name="audit_host_when"),
        ),
        migrations.AddConstraint(
            model_name="audithost",
            constraint=models.UniqueConstraint(fields=("run", "host"), name="audit_host_once"),
        ),
        migrations.RunSQL(RUNS, migrations.RunSQL.noop),
        migrations.RunSQL(HOSTS, migrations.RunSQL.noop),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
