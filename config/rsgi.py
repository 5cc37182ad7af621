"""The web process: `granian --interface rsgi --http 1 config.rsgi:application`."""

# In this order: what comes after it needs Django set up.
# isort: off
from config.wsgi import application as django
from django.conf import settings

from config import environment
from config.front.application import Front
from config.front.refusals import refusal
from config.settings import SettingError
from demo.log_ins import require_changed_passwords

for name in environment.fleet_settings():
    raise SettingError(name, "is for the executor alone: the web must not be able to open the fleet. Take it out of "
                       f"its environment and of {environment.env_file()}")  # fmt: skip
require_changed_passwords()
application = Front(
    django, refusal, threads=settings.WEB_THREADS, largest=settings.BODY_MAX_BYTES,
    proxies=settings.PROXY_COUNT,
)  # fmt: skip
