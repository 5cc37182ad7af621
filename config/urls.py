"""URLs: the API, the endpoints for WeCom and for hosts, health checks, and the web app for all other paths."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from common import problems
from common.compression import Compressed
from config import health, web


class Schema(Compressed, SpectacularAPIView):
    """The description of the API, some 300 kB of text."""


api: list[URLPattern | URLResolver] = [
    path("", include("accounts.api.urls")),
    path("", include("templates_engine.api.urls")),
    path("", include("tickets.api.urls")),
    path("", include("automation.api.urls")),
    path("", include("notify.api.urls")),
    path("", include("reports.api.urls")),
    re_path(r"^.*$", problems.not_found),
]

urlpatterns = [
    path("api/v1/", include(api)),
    path("api/schema", Schema.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("wecom/", include("notify.wecom.urls")),
    path("intake/", include("automation.shells.urls")),
    path("healthz", health.healthz),
    path("healthz/hops", health.hops),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    re_path(r"^(?!api/|static/|wecom/|intake/).*$", web.index),
]

handler400 = problems.bad_request
handler404 = problems.not_found
handler500 = problems.server_error
