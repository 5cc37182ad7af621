"""The Celery application. Messages carry row ids only; the work itself is stored in the database (I18)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("baton", task_cls="config.consumer:RowTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add("config.beat:Clock")
