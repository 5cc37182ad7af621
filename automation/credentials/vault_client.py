"""Read from HashiCorp Vault or OpenBao: the key/value store, version 2, with a token or an AppRole log-in.

Only the executor has the log-in (BATON_VAULT_TOKEN, or BATON_VAULT_ROLE_ID and BATON_VAULT_SECRET_ID).
"""

import http.client
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any
from urllib.parse import quote

from django.conf import settings

from common.egress.allowed_hosts import Place, Refused, split
from common.egress.client import exchange

ANSWER_MAX = 1 << 20
TRIES, PAUSE_S = 3, 0.5
EVERYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))  # the settings alone name the Vault
RENEW_AT = 0.8  # of a log-in's lifetime

_lock = threading.Lock()


class Unavailable(Exception):
    """The Vault did not return the secret of the reference; the message says why, without its content."""


@dataclass(frozen=True)
class _LogIn:
    token: str
    until: float  # by time.monotonic()


_log_ins: dict[tuple[str, str], _LogIn] = {}


def read(reference: Mapping[str, Any]) -> dict[str, str]:
    """The current values of the fields in a reference. Raises Unavailable."""
    if not settings.VAULT_URL:
        raise Unavailable("it lies in a Vault, and BATON_VAULT_URL is not set here")
    place = f"{reference['mount']}/{reference['path']}"
    path = f"{quote(reference['mount'])}/data/{quote(reference['path'])}"
    status, document = _ask("GET", path, _token())
    if status == 403 and not settings.VAULT_TOKEN:  # the log-in may have been revoked: try again with a new one
        _log_ins.clear()
        status, document = _ask("GET", path, _token())
    if status != 200:
        raise Unavailable(f"the Vault answered {status} for {place}: {MEANS.get(status, 'see its log')}")
    kept = ((document.get("data") or {}).get("data")) or {}
    found = {}
    for field, key in reference["fields"].items():
        if not isinstance(kept, dict) or not isinstance(kept.get(key), str):
            raise Unavailable(f"{place} in the Vault holds no text under the key {key}")
        found[field] = kept[key]
    return found


MEANS = {
    400: "is it a key/value store of version 2?",
    403: "the token may not read it, or has ended",
    404: "there is nothing at this path, or its newest version was deleted",
    503: "it is sealed",
}


def _token() -> str:
    if settings.VAULT_TOKEN:
        return str(settings.VAULT_TOKEN)
    role, secret = settings.VAULT_ROLE_ID, settings.VAULT_SECRET_ID
    if not (role and secret):
        raise Unavailable("no log-in for the Vault is set (BATON_VAULT_TOKEN, or _ROLE_ID and _SECRET_ID)")
    with _lock:
        known = _log_ins.get((settings.VAULT_URL, role))
        if known is None or known.until <= time.monotonic():
            known = _log_ins[settings.VAULT_URL, role] = _log_in(role, secret)
        return known.token


def _log_in(role: str, secret: str) -> _LogIn:
    status, document = _ask("POST", "auth/approle/login", "", {"role_id": role, "secret_id": secret})
    auth = document.get("auth") or {}
    if status != 200 or not isinstance(auth.get("client_token"), str):
        raise Unavailable(f"the Vault refused the AppRole log-in ({status})")
    lease = auth.get("lease_duration")
    seconds = lease if isinstance(lease, int) and lease > 0 else 60
    return _LogIn(auth["client_token"], time.monotonic() + seconds * RENEW_AT)


def _ask(method: str, path: str, token: str, body: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
    """Status and document; retried for a short time if the Vault does not answer, which is safe for reads."""
    headers = {"X-Vault-Request": "true", "User-Agent": "Baton"}
    if token:
        headers["X-Vault-Token"] = token
    if settings.VAULT_NAMESPACE:
        headers["X-Vault-Namespace"] = settings.VAULT_NAMESPACE
    scheme, host, port, base = split(settings.VAULT_URL)
    target = f"{base.rstrip('/')}/v1/{path}"
    sent = json.dumps(body).encode() if body else b""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(PAUSE_S * attempt)
        try:
            answer = exchange(Place(scheme, host, port, EVERYWHERE), method, target, sent, headers, most=ANSWER_MAX)
        except (OSError, http.client.HTTPException, Refused) as error:
            reason = f"the Vault does not answer ({type(error.__cause__ or error).__name__})"
            continue
        if answer.status in {429, 500, 502, 504} and attempt < TRIES - 1:
            reason = f"the Vault answered {answer.status}"
            continue
        return answer.status, _document(answer.body)
    raise Unavailable(reason)


def _document(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
