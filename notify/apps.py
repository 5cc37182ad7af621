"""notify: the news."""

from django.apps import AppConfig


class NotifyConfig(AppConfig):
    """Outbox fan-out, channels, deliveries, WeCom."""

    name = "notify"
