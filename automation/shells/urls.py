"""The URLs for hosts, under /intake/."""

from django.urls import path

from automation.shells.intake import shell_intake

urlpatterns = [path("shell", shell_intake, name="shell-intake")]
