"""App configuration of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, departments, roles, proxies, log-ins."""

    name = "accounts"
