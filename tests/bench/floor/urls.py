"""Addresses of the floor: those of Baton."""

from django.urls import path

from tests.bench.floor import views

urlpatterns = [
    path("api/v1/auth/login", views.LogInView.as_view()),
    path("api/v1/tickets", views.TicketsView.as_view()),
    path("api/v1/tickets/<str:number>", views.TicketView.as_view()),
    path("api/v1/tasks/<int:task_id>/approve", views.ApproveView.as_view()),
    path("api/v1/me", views.MeView.as_view()),
]
