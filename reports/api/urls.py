"""URLs under /api/v1/."""

from django.urls import path

from reports.api.views import MonthlyView, RunsView, SummaryView

urlpatterns = [
    path("reports/runs", RunsView.as_view()),
    path("reports/summary", SummaryView.as_view()),
    path("reports/monthly.xlsx", MonthlyView.as_view()),
]
