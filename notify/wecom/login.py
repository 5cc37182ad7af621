"""Login through WeCom: silent inside its client, by QR code elsewhere (A23, A24)."""

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

from accounts.access import devices
from accounts.models import User
from notify.wecom.client import WeComError, client

logger = logging.getLogger("baton.wecom")

COOKIE = "baton_wecom_login"
COOKIE_PATH = "/wecom/login"
STATES_MAX = 5
STATE_LIFETIME_S = 600
HOME = "/"


def safe_next(wanted: str) -> str:
    """The path if it is safe and on this site, else the home page."""
    plain = wanted.isprintable() and "\\" not in wanted and wanted.startswith("/") and len(wanted) <= 500
    return wanted if plain and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else HOME


@require_safe
def login(request: HttpRequest) -> HttpResponse:
    """Redirect the browser to WeCom, with a state that only this browser can use, and only once.

    Inside WeCom (`inside` in the query, as in the links of cards, or WeCom's User-Agent), WeCom names the user, even
    if another user is still logged in.
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
    """The URL that WeCom redirects back to: from the settings, never from the request's Host."""
    return f"{settings.BATON_URL}/wecom/login/callback"


@require_safe
def login_callback(request: HttpRequest) -> HttpResponse:
    """Handle the return from WeCom. A session needs a valid state, a code, and exactly one active user."""
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
    """The logins that this browser has begun, [state, next, when], from its signed cookie; we store nothing."""
    try:
        return signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=STATE_LIFETIME_S)
    except signing.BadSignature:
        return []


def _keep(response: HttpResponse, pending: list[Any]) -> None:
    """Store the newest of these in the browser's cookie; a visitor who never returns leaves no row (A47)."""
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
    """Use a state once: (the path to go to, the states left). The path is None if the state is unknown or expired."""
    match = [row for row in pending if constant_time_compare(row[0], state)]
    left = [row for row in pending if row not in match]
    if not match:
        return None, left
    _state, following, at = match[0]
    return (following if time.time() - at <= STATE_LIFETIME_S else None), left


def person(identity: dict[str, Any]) -> User | None:
    """The active user whom WeCom named, or None. Only `userid` counts, compared as WeCom does (A24)."""
    userid = identity.get("userid")
    if not isinstance(userid, str) or not userid:
        return None
    return User.objects.of_wecom(userid).filter(is_active=True).first()


def _refused(request: HttpRequest, reason: str) -> HttpResponse:
    logger.warning("login.refused", extra={"reason": reason})
    return render(request, "notify/login_refused.html", {"reason": reason}, status=403)
