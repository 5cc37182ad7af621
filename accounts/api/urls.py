"""URLs of accounts under /api/v1/."""

urlpatterns: list = []
