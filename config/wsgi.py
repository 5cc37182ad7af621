"""The web process: `granian --interface wsgi config.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

from config.draining import draining

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = draining(get_wsgi_application())
