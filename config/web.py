"""The page of the web app, for every URL outside the API; the web app's own router handles the path."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

MISSING = """<!doctype html><meta charset="utf-8"><title>Baton</title>
<p>网页还没有构建。请运行 <code>make web</code>。<p>The web app is not built yet. Run <code>make web</code>.
"""


@lru_cache(maxsize=1)
def _page(path: Path, changed: float) -> str:  # noqa: ARG001 (a new build is a new key)
    return path.read_text(encoding="utf-8")


@require_safe
@ensure_csrf_cookie
def index(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Return frontend/dist/index.html, or 503 with how to build it."""
    path: Path = settings.FRONTEND_DIST / "index.html"
    if not path.is_file():
        return HttpResponse(MISSING, status=503)
    return HttpResponse(_page(path, path.stat().st_mtime))
