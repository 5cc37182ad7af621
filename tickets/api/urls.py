"""URLs of tickets under /api/v1/."""

urlpatterns: list = []
