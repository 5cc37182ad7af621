"""notify: the news."""

from django.apps import AppConfig


class NotifyConfig(AppConfig):
    """Outbox fan-out, channels, deliveries, WeCom."""

    name = "notify"

    def ready(self) -> None:
        """Hear of tickets and acts of administration, judge webhooks. A wrong list of their hosts stops the start."""
        from django.conf import settings

        from accounts.ports import hear_acts
        from config.settings import SettingError
        from notify import acts
        from notify.subscriber import hear
        from notify.webhook.allowlist import problem_of, read
        from templates_engine.ports import provide_judge_of_webhooks
        from tickets import ports

        try:
            read(settings.WEBHOOK_HOSTS)
        except ValueError as error:
            raise SettingError("BATON_WEBHOOK_HOSTS", str(error)) from error
        ports.subscribe("notify", hear)
        hear_acts("notify", acts.hear)
        provide_judge_of_webhooks(problem_of)
