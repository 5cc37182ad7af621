"""Configuration of the app `reports`."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Monthly numbers and the workbook."""

    name = "reports"
