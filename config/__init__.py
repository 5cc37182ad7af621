"""The project: settings, URLs, Celery, start-up.

The Celery application is in `config.celery`, which `config.apps` imports; `celery --app config` finds it there. It is
not imported here, because what only reads settings (`make run`) does not need it.
"""
