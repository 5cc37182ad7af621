"""URLs of accounts under /api/v1/."""

from django.urls import path

from accounts.api import views

urlpatterns = [
    path("auth/login", views.LoginView.as_view()),
    path("auth/logout", views.LogoutView.as_view()),
    path("me", views.MeView.as_view()),
    path("me/tokens", views.TokensView.as_view()),
    path("me/tokens/<int:token_id>", views.TokenView.as_view()),
    path("users", views.UsersView.as_view()),
    path("departments", views.DepartmentsView.as_view()),
    path("roles", views.RolesView.as_view()),
    path("proxies", views.ProxiesView.as_view()),
    path("proxies/<int:proxy_id>", views.ProxyView.as_view()),
]
