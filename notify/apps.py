"""notify: the news."""

from django.apps import AppConfig


class NotifyConfig(AppConfig):
    """Outbox fan-out, channels, deliveries, WeCom."""

    name = "notify"

    def ready(self) -> None:
        """Hear what happens to tickets. A wrong list of webhook hosts stops the start."""
        from django.conf import settings

        from config.settings import SettingError
        from notify.subscriber import hear
        from notify.webhook.allowlist import read
        from tickets import ports

        try:
            read(settings.WEBHOOK_HOSTS)
        except ValueError as error:
            raise SettingError("BATON_WEBHOOK_HOSTS", str(error)) from error
        ports.subscribe("notify", hear)
