"""notify: the news."""

from django.apps import AppConfig


class NotifyConfig(AppConfig):
    """Outbox fan-out, channels, deliveries, WeCom."""

    name = "notify"

    def ready(self) -> None:
        """Hear what happens to tickets."""
        from notify.subscriber import hear
        from tickets import ports

        ports.subscribe("notify", hear)
