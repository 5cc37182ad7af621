"""The web process: `granian --interface rsgi --http 1 config.rsgi:application`."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config.front.application import Front

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django = get_wsgi_application()

from config.demo.log_ins import require_changed_passwords  # noqa: E402 (asks the database)
from config.front.refusals import refusal  # noqa: E402 (its texts need Django set up)

require_changed_passwords()
application = Front(
    django, refusal, threads=settings.WEB_THREADS, largest=settings.BODY_MAX_BYTES,
    proxies=settings.PROXY_COUNT,
)  # fmt: skip
