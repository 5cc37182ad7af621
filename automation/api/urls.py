"""URLs of automation under /api/v1/."""

urlpatterns: list = []
