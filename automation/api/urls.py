"""URLs of automation under /api/v1/."""

from django.urls import path

from automation.api import views

urlpatterns = [
    path("actions", views.ActionsView.as_view()),
    path("hosts", views.HostsView.as_view()),
    path("hosts/import", views.HostsImportView.as_view()),
    path("jobs", views.JobsView.as_view()),
    path("jobs/<int:job_id>", views.JobView.as_view()),
    path("jobs/<int:job_id>/log", views.JobLogView.as_view()),
    path("jobs/<int:job_id>/cancel", views.CancelView.as_view()),
    path("jobs/<int:job_id>/rerun", views.RerunView.as_view()),
    path("jobs/<int:job_id>/resolve", views.ResolveView.as_view()),
]
