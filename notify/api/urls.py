"""URLs of notify under /api/v1/."""

urlpatterns: list = []
