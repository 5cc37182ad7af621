"""The web process: `granian --interface rsgi --http 1 config.rsgi:application`."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config.front.application import Front

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django = get_wsgi_application()

from config import environment  # noqa: E402 (settings come first)
from config.front.refusals import refusal  # noqa: E402 (its texts need Django set up)
from config.settings import SettingError  # noqa: E402
from demo.log_ins import require_changed_passwords  # noqa: E402 (asks the database)

for name in environment.fleet_settings():
    raise SettingError(name, "is for the executor alone: the web must not be able to open the fleet. Take it out of "
                       f"its environment and of {environment.env_file()}")  # fmt: skip
require_changed_passwords()
application = Front(
    django, refusal, threads=settings.WEB_THREADS, largest=settings.BODY_MAX_BYTES,
    proxies=settings.PROXY_COUNT,
)  # fmt: skip
