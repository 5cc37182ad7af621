"""WeCom's doors, under /wecom/."""

from django.urls import path

from notify.wecom.callback import callback
from notify.wecom.login import login, login_callback

urlpatterns = [
    path("callback", callback, name="wecom-callback"),
    path("login", login, name="wecom-login"),
    path("login/callback", login_callback, name="wecom-login-callback"),
]
