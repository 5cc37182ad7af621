"""App configuration of notify."""

from django.apps import AppConfig


class NotifyConfig(AppConfig):
    """Notifications: deliveries from events, channels, WeCom."""

    name = "notify"

    def ready(self) -> None:
        """Subscribe to ticket events and administrative acts, and provide the check of webhook URLs.

        Raises SettingError if BATON_WEBHOOK_HOSTS is wrong: the process does not start.
        """
        from django.conf import settings

        from accounts.ports import subscribe_to_acts
        from common.egress.allowed_hosts import read
        from config.settings import SettingError
        from notify import acts, channels
        from notify.channels.webhook import problem_of
        from notify.ports import provide_channels
        from notify.recipients.subscriber import on_events
        from templates_engine.ports import provide_webhook_check
        from tickets import ports

        try:
            read(settings.WEBHOOK_HOSTS)
        except ValueError as error:
            raise SettingError("BATON_WEBHOOK_HOSTS", str(error)) from error
        provide_channels(channels.ALL)
        ports.subscribe("notify", on_events)
        subscribe_to_acts("notify", acts.on_act)
        provide_webhook_check(problem_of)
