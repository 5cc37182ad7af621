"""URLs of templates under /api/v1/."""

from django.urls import path

from templates_engine.api import comparisons, drafts, publishing, views

urlpatterns = [
    path("studio/templates", publishing.StudioView.as_view()),
    path("templates", views.TemplatesView.as_view()),
    path("templates/check", views.CheckView.as_view()),
    path("templates/import", views.ImportView.as_view()),
    path("templates/<slug:key>", views.TemplateView.as_view()),
    path("templates/<slug:key>/export", views.ExportView.as_view()),
    path("templates/<slug:key>/draft", drafts.DraftView.as_view()),
    path("templates/<slug:key>/retire", publishing.RetireView.as_view()),
    path("templates/<slug:key>/publish", publishing.PublishView.as_view()),
    path("templates/<slug:key>/versions", publishing.VersionsView.as_view()),
    path("templates/<slug:key>/diff", comparisons.DiffView.as_view()),
    path("templates/<slug:key>/replay", comparisons.ReplayView.as_view()),
    path("templates/<slug:key>/simulate", views.SimulateView.as_view()),
]
