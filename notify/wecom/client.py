"""Client of the WeCom server API. The only module that imports wechatpy.

wechatpy provides the HTTP requests and the errcode handling. This module replaces its token request (fixed host, no
timeout), its unlimited retry, its cache key (part of the secret) and its errors (secrets in URLs).
"""

import hashlib
import threading
import time
from functools import lru_cache
from typing import Any

import requests
from django.conf import settings
from wechatpy.enterprise import WeChatClient
from wechatpy.exceptions import WeChatClientException

CONNECT_S, READ_S = 3, 5
EARLY_S = 300
TOKEN_TROUBLE = frozenset({40014, 42001})
FULL = frozenset({45009, 45033})  # too many calls of the company or application in a minute, an hour or a day
BUSY = frozenset({-1}) | FULL
MISCONFIGURED = frozenset(
    {40001, 40013, 40056, 40091, 41001, 41002, 41004, 41011, 41024, 45031, 48002, 50003, 60020, 301002}
)


class WeComError(Exception):
    """A call failed. `errcode` is None if WeCom did not answer at all; the text holds no secret (I24).

    is_down: the error is not about this one message: others would fail too, and a later retry can help.
    """

    def __init__(self, reason: str, errcode: int | None = None) -> None:
        super().__init__(reason)
        self.errcode = errcode
        self.is_down = errcode is None or errcode in TOKEN_TROUBLE | BUSY | MISCONFIGURED


class ExpiringMemory:
    """Session storage for wechatpy in one process, with expiry, which wechatpy's own memory storage lacks."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[Any, float]] = {}

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or the default if it is missing or has expired."""
        value, until = self._values.get(key, (default, 0.0))
        return value if time.monotonic() < until else default

    def set(self, key: str, value: Any, ttl: int | None = None) -> None:
        """Keep the value for `ttl` seconds (default: an hour)."""
        self._values[key] = (value, time.monotonic() + (3600 if ttl is None else ttl))

    def delete(self, key: str) -> None:
        """Delete the value."""
        self._values.pop(key, None)


class WeComClient(WeChatClient):  # type: ignore[misc]  # wechatpy has no types
    """Client of one application, shared by the threads of a process; one thread at a time fetches a token (F21)."""

    def __init__(self, *, corp_id: str, secret: str, api_base: str) -> None:
        self.API_BASE_URL = cgi_bin(api_base)
        self._fetching = threading.Lock()
        super().__init__(corp_id, secret, session=ExpiringMemory(), timeout=(CONNECT_S, READ_S), auto_retry=False)

    @property
    def access_token_key(self) -> str:
        """The cache key of this application's token; it does not reveal the secret."""
        return hashlib.sha256(f"{self.corp_id}\0{self.secret}".encode()).hexdigest()

    @property
    def access_token(self) -> str:
        """A token that stays valid for some minutes. Raises WeComError."""
        return self.session.get(self.access_token_key) or self._fresh_token(None)

    def _fresh_token(self, refused: str | None) -> str:
        """A token other than the refused one: from another thread if it has fetched one, else a new one."""
        with self._fetching:
            token = self.session.get(self.access_token_key)
            if token and token != refused:
                return token
            self.fetch_access_token()
            return self.session.get(self.access_token_key)

    def fetch_access_token(self) -> dict[str, Any]:
        """Call gettoken. Raises WeComError."""
        params = {"corpid": self.corp_id, "corpsecret": self.secret}
        try:
            answer = self._http.get(
                f"{self.API_BASE_URL}gettoken", params=params, timeout=self.timeout, allow_redirects=False
            )
            result = answer.json() if answer.status_code == 200 else {}
        except requests.RequestException as error:  # its text may hold the secret: keep only its type
            raise WeComError(f"gettoken: {type(error).__name__}") from None
        if not isinstance(result, dict) or not result.get("access_token"):
            errcode = result.get("errcode") if isinstance(result, dict) else None
            raise WeComError(f"gettoken: HTTP {answer.status_code}, errcode {errcode}", errcode)
        lifetime = max(60, int(result.get("expires_in", 7200)) - EARLY_S)
        self.session.set(self.access_token_key, result["access_token"], lifetime)
        return result

    def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> dict[str, Any]:
        """Make one call; retry once with a new token if WeCom refuses the token. Raises WeComError."""
        token = self.access_token
        try:
            return self._once(method, url_or_endpoint, token, kwargs)
        except WeComError as error:
            if error.errcode not in TOKEN_TROUBLE:
                raise
        return self._once(method, url_or_endpoint, self._fresh_token(token), kwargs)

    def _once(self, method: str, endpoint: str, token: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        options = dict(kwargs)
        params = {**(options.pop("params", None) or {}), "access_token": token}
        try:
            result = super()._request(
                method=method, url_or_endpoint=endpoint, params=params, allow_redirects=False, **options
            )
        except WeChatClientException as error:
            raise WeComError(f"{endpoint}: errcode {error.errcode} {error.errmsg or ''}"[:300], error.errcode) from None
        except requests.RequestException as error:
            raise WeComError(f"{endpoint}: {type(error).__name__}") from None
        if not isinstance(result, dict):
            raise WeComError(f"{endpoint}: the answer is not JSON")
        return result


def cgi_bin(api_base: str) -> str:
    """The base URL of the endpoints, with /cgi-bin/ whether or not the setting includes it."""
    base = api_base.rstrip("/").removesuffix("/cgi-bin")
    return f"{base}/cgi-bin/"


@lru_cache(maxsize=4)
def _client(corp_id: str, secret: str, api_base: str) -> WeComClient:
    return WeComClient(corp_id=corp_id, secret=secret, api_base=api_base)


def client() -> WeComClient:
    """The client of the application in the settings."""
    return _client(settings.WECOM_CORP_ID, settings.WECOM_SECRET, settings.WECOM_API_BASE)
