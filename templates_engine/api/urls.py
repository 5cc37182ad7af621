"""URLs of templates under /api/v1/."""

from django.urls import path

from templates_engine.api import comparisons, views

urlpatterns = [
    path("templates", views.TemplatesView.as_view()),
    path("templates/check", views.CheckView.as_view()),
    path("templates/import", views.ImportView.as_view()),
    path("templates/<slug:key>", views.TemplateView.as_view()),
    path("templates/<slug:key>/export", views.ExportView.as_view()),
    path("templates/<slug:key>/publish", views.PublishView.as_view()),
    path("templates/<slug:key>/versions", views.VersionsView.as_view()),
    path("templates/<slug:key>/diff", comparisons.DiffView.as_view()),
    path("templates/<slug:key>/replay", comparisons.ReplayView.as_view()),
    path("templates/<slug:key>/simulate", views.SimulateView.as_view()),
]
