"""Adds dry runs of plans."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('automation', '0008_job_site'),
        ('tickets', '0012_foreseen'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DryRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('node', models.CharField(max_length=64)),
                ('plan_digest', models.CharField(max_length=64)),
                ('purpose', models.CharField(choices=[('plan', 'plan'), ('job', 'job')], default='plan', max_length=8)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('dropped', 'Dropped')], default='waiting', max_length=8)),
                ('site', models.CharField(blank=True, default='', max_length=64)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('rung_at', models.DateTimeField(null=True)),
                ('started_at', models.DateTimeField(null=True)),
                ('heartbeat_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('summary', models.JSONField(default=dict)),
                ('words', models.JSONField(default=dict)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('message', models.TextField(blank=True)),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('content', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tickets.contentversion')),
                ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dry_runs', to='automation.job')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dry_runs', to='tickets.ticket')),
            ],
        ),
        migrations.CreateModel(
            name='DryRunHost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=128)),
                ('status', models.CharField(default='waiting', max_length=16)),
                ('changed', models.BooleanField(default=False)),
                ('message', models.TextField(blank=True)),
                ('items', models.JSONField(default=list)),
                ('unforeseen', models.JSONField(default=list)),
                ('dry_run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hosts', to='automation.dryrun')),
            ],
        ),
        migrations.AddIndex(
            model_name='dryrun',
            index=models.Index(condition=models.Q(('state__in', ['waiting', 'running'])), fields=['id'], name='dry_run_open'),
        ),
        migrations.AddIndex(
            model_name='dryrun',
            index=models.Index(fields=['ticket', 'node', '-id'], name='dry_run_of_plan'),
        ),
        migrations.AddConstraint(
            model_name='dryrun',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'running', 'done', 'failed', 'dropped'])), name='dry_run_state_known'),
        ),
        migrations.AddConstraint(
            model_name='dryrun',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'running'])), fields=('ticket', 'node', 'plan_digest', 'purpose'), name='dry_run_once_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='dryrunhost',
            constraint=models.UniqueConstraint(fields=('dry_run', 'name'), name='dry_run_host_once'),
        ),
    ]
