"""Log-in through WeCom: silently inside its client, by QR code elsewhere (A23, A24)."""

import logging
import secrets
import time
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login as start_session
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from accounts import devices
from accounts.models import User
from notify.wecom.client import WeComError, client

logger = logging.getLogger("baton.wecom")

COOKIE = "baton_wecom_login"
COOKIE_PATH = "/wecom/login"
STATES_MAX = 5
STATE_LIFETIME_S = 600
HOME = "/"


def safe_next(wanted: str) -> str:
    """A path on this site, or the home page for anything else."""
    plain = wanted.isprintable() and "\\" not in wanted and wanted.startswith("/") and len(wanted) <= 500
    return wanted if plain and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else HOME


@require_safe
def login(request: HttpRequest) -> HttpResponse:
    """Send the browser to WeCom, with a state that only this browser can redeem, and only once.

    Inside WeCom (`inside`, as cards link here, or by the client's own name) WeCom says who holds the phone, also
    where somebody else is still logged in.
    """
    following = safe_next(request.GET.get("next", HOME))
    inside = "inside" in request.GET or "wxwork" in request.headers.get("User-Agent", "").lower()
    if request.user.is_authenticated and not inside:
        return HttpResponseRedirect(following)
    if not settings.WECOM_ENABLED:
        return _refused(request, "off")
    state = secrets.token_hex(16)
    response = HttpResponseRedirect(_authorize_url(state) if inside else _scan_url(state))
    _keep(response, [*_pending(request), [state, following, int(time.time())]])
    return response


def _authorize_url(state: str) -> str:
    query = {
        "appid": settings.WECOM_CORP_ID,
        "redirect_uri": _return_address(),
        "response_type": "code",
        "scope": "snsapi_base",
        "state": state,
        "agentid": settings.WECOM_AGENT_ID,
    }
    return f"{settings.WECOM_OAUTH_BASE}/connect/oauth2/authorize?{urlencode(query)}#wechat_redirect"


def _scan_url(state: str) -> str:
    query = {
        "login_type": "CorpApp",
        "appid": settings.WECOM_CORP_ID,
        "agentid": settings.WECOM_AGENT_ID,
        "redirect_uri": _return_address(),
        "state": state,
    }
    return f"{settings.WECOM_LOGIN_BASE}/wwlogin/sso/login?{urlencode(query)}"


def _return_address() -> str:
    """Where WeCom sends the browser back to: from the settings, never from the request's Host."""
    return f"{settings.BATON_URL}/wecom/login/callback"


@require_safe
def login_callback(request: HttpRequest) -> HttpResponse:
    """Back from WeCom: one state, one code, one exact and active person; anything else is no session."""
    following, left = _redeem(_pending(request), request.GET.get("state", ""))
    response = _refused(request, "state") if following is None else _come_back(request, following)
    _keep(response, left)
    return response


def _come_back(request: HttpRequest, following: str) -> HttpResponse:
    code = request.GET.get("code", "")
    if not 1 <= len(code) <= 512:
        return _refused(request, "code")
    try:
        identity = client().get("auth/getuserinfo", params={"code": code})
    except WeComError as error:
        logger.warning("login.unanswered", extra={"errcode": error.errcode})
        return _refused(request, "unanswered")
    user = person(identity)
    if user is None:
        return _refused(request, "unknown")
    start_session(request, user, backend="accounts.backends.PasswordBackend")
    response = HttpResponseRedirect(following)
    devices.remember(request, response, user.username)
    return response


def _pending(request: HttpRequest) -> list[Any]:
    """The log-ins that this browser has begun, [state, next, when]: kept by the browser, signed, and by nobody else."""
    try:
        return signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=STATE_LIFETIME_S)
    except signing.BadSignature:
        return []


def _keep(response: HttpResponse, pending: list[Any]) -> None:
    """Let the browser keep the newest of these; a visitor who never comes back leaves no row behind (A47)."""
    if not pending:
        response.delete_cookie(COOKIE, path=COOKIE_PATH, samesite="Lax")
        return
    response.set_cookie(
        COOKIE,
        signing.dumps(pending[-STATES_MAX:], salt=COOKIE),
        max_age=STATE_LIFETIME_S,
        path=COOKIE_PATH,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _redeem(pending: list[Any], state: str) -> tuple[str | None, list[Any]]:
    """Use this state up: where its log-in wanted to go, None for one that this browser does not hold; what is left."""
    match = [row for row in pending if constant_time_compare(row[0], state)]
    left = [row for row in pending if row not in match]
    if not match:
        return None, left
    _state, following, at = match[0]
    return (following if time.time() - at <= STATE_LIFETIME_S else None), left


def person(identity: dict[str, Any]) -> User | None:
    """Whoever WeCom named. Only `userid` counts, compared as WeCom does, and only for active people (A24)."""
    userid = identity.get("userid")
    if not isinstance(userid, str) or not userid:
        return None
    return User.objects.of_wecom(userid).filter(is_active=True).first()


def _refused(request: HttpRequest, reason: str) -> HttpResponse:
    logger.warning("login.refused", extra={"reason": reason})
    return render(request, "notify/login_refused.html", {"reason": reason}, status=403)
