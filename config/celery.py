"""The Celery application. Messages carry row ids only; the work itself is stored in the database (I18)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Django's checks are about code: every management command makes them, and so need not each start of a worker.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app = Celery("baton", task_cls="config.consumer:RowTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add("config.beat:Clock")
