"""URLs of automation under /api/v1/."""

from django.urls import path

from automation.api import actions, credentials, group_views, host_views, source_views, views
from automation.audit import api as audit
from automation.dry_runs import api as dry_runs
from automation.shells import api as shells
from automation.shells.alarms import api as alarms

urlpatterns = [
    path("actions", actions.ActionsView.as_view()),
    path("actions/sync", actions.SyncView.as_view()),
    path("actions/<str:action>", actions.ActionView.as_view()),
    path("actions/<str:action>/versions/<str:version>", actions.ActionVersionView.as_view()),
    path("actions/<str:action>/versions/<str:version>/release", actions.ReleaseView.as_view()),
    path("actions/<str:action>/versions/<str:version>/withdraw", actions.WithdrawView.as_view()),
    path("credentials", credentials.CredentialsView.as_view()),
    path("credentials/<str:credential>", credentials.CredentialView.as_view()),
    path("inventory", host_views.InventoryView.as_view()),
    path("hosts", host_views.HostsView.as_view()),
    path("hosts/import", host_views.HostsImportView.as_view()),
    path("hosts/export", host_views.HostsExportView.as_view()),
    path("hosts/check", host_views.HostsCheckView.as_view()),
    path("hosts/<str:name>", host_views.HostView.as_view()),
    path("hosts/<str:name>/impact", host_views.HostImpactView.as_view()),
    path("inventory/sources", source_views.SourcesView.as_view()),
    path("inventory/sources/<int:source_id>", source_views.SourceView.as_view()),
    path("inventory/sources/<int:source_id>/run", source_views.RunView.as_view()),
    path("inventory/sources/<int:source_id>/runs", source_views.RunsView.as_view()),
    path("inventory/runs/<int:run_id>", source_views.OneRunView.as_view()),
    path("groups", group_views.GroupsView.as_view()),
    path("groups/<str:group>", group_views.GroupView.as_view()),
    path("groups/<str:group>/hosts", group_views.GroupHostsView.as_view()),
    path("audit/runs", audit.AuditRunsView.as_view()),
    path("audit/runs/export", audit.AuditExportView.as_view()),
    path("shell/lines", shells.ShellLinesView.as_view()),
    path("shell/lines/export", shells.ShellExportView.as_view()),
    path("shell/hosts", shells.ShellHostsView.as_view()),
    path("shell/words", alarms.ShellWordsView.as_view()),
    path("shell/words/<int:word_id>", alarms.ShellWordView.as_view()),
    path("shell/alarms", alarms.ShellAlarmsView.as_view()),
    path("jobs", views.JobsView.as_view()),
    path("jobs/<int:job_id>", views.JobView.as_view()),
    path("jobs/<int:job_id>/log", views.JobLogView.as_view()),
    path("jobs/<int:job_id>/log/search", views.JobLogSearchView.as_view()),
    path("jobs/<int:job_id>/log/download", views.JobLogFileView.as_view()),
    path("jobs/<int:job_id>/hosts/<str:host>", views.JobHostView.as_view()),
    path("jobs/<int:job_id>/dry_run", dry_runs.JobDryRunView.as_view()),
    path("jobs/<int:job_id>/diff", dry_runs.JobDiffView.as_view()),
    path("tickets/<str:number>/plans/<str:node>/dry_run", dry_runs.PlanDryRunView.as_view()),
    path("tickets/<str:number>/plans/<str:node>/diff", dry_runs.PlanDiffView.as_view()),
    path("jobs/<int:job_id>/cancel", views.CancelView.as_view()),
    path("jobs/<int:job_id>/pause", views.PauseView.as_view()),
    path("jobs/<int:job_id>/resume", views.ResumeView.as_view()),
    path("jobs/<int:job_id>/rerun", views.RerunView.as_view()),
    path("jobs/<int:job_id>/rollback", views.RollbackView.as_view()),
    path("jobs/<int:job_id>/resolve", views.ResolveView.as_view()),
]
