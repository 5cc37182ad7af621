"""URLs of templates_engine under /api/v1/."""

urlpatterns: list = []
