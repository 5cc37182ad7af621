"""Build a request from the approved plan: values are inserted, never evaluated (A27, A28, I15)."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from automation.executors.base import Order, Refused
from tickets.models.content import Target

MISSING = object()


@dataclass(frozen=True)
class Prepared:
    """One request; its bytes and key are the same however often it is sent. host: "" if it is for the whole run."""

    host: str
    method: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    key: str


def prepare(order: Order, target: Target | None) -> Prepared:
    """The request for one host, or for the whole run. Raises Refused."""
    section = order.action.run
    values = Values(order, target)
    path = "".join(part if isinstance(part, str) else values.segment(part) for part in section.get("path", []))
    query = {name: found for name, source in section.get("query", {}).items()
             if (found := values.of(source)) is not MISSING}  # fmt: skip
    url = section["url"] + path + (f"?{urlencode({k: _plain(v) for k, v in query.items()})}" if query else "")
    body = orjson.dumps(values.of(section["body"])) if "body" in section else b""
    name = target["name"] if target else ""
    key = f"{order.key}-{hashlib.sha256(name.encode()).hexdigest()[:16]}" if name else order.key
    return Prepared(name, section["method"], url, body, {**headers(order, body), **_extra(key, body)}, key)


def headers(order: Order, body: bytes = b"") -> dict[str, str]:
    """The headers that authenticate Baton: the token, and the signature over the body. Raises Refused."""
    found = {"User-Agent": "Baton", "Accept": "application/json"}
    section = order.action.run
    if token := section.get("token"):
        fields = order.credentials.get(token["credential"], {})
        found[token.get("header", "Authorization")] = _token(fields, token)
    if sign := section.get("sign"):
        secret = _secret(order.credentials.get(sign["credential"], {}), sign["credential"])
        found["X-Baton-Signature"] = f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"
    for name, value in found.items():
        if not (value.isascii() and value.isprintable()):
            raise Refused(f"What the header {name} would hold is not plain ASCII.")
    return found


def _extra(key: str, body: bytes) -> dict[str, str]:
    return {"Idempotency-Key": key, **({"Content-Type": "application/json"} if body else {})}


def _token(fields: Mapping[str, str], how: Mapping[str, str]) -> str:
    if "username" in fields:
        pair = f"{fields['username']}:{fields['password']}".encode()
        return f"Basic {b64encode(pair).decode()}"
    secret = _secret(fields, how["credential"])
    scheme = how.get("scheme", "" if "header" in how else "Bearer")
    return f"{scheme} {secret}".strip()


def _secret(fields: Mapping[str, str], name: str) -> str:
    secret = fields.get("token") or fields.get("password")
    if not secret:
        raise Refused(f"The credential {name} was not handed over: the action must name it, a token or a password.")
    return secret


class Values:
    """The values of a section's sources in this run."""

    def __init__(self, order: Order, target: Target | None) -> None:
        self._order, self._target = order, target

    def of(self, source: Mapping[str, Any]) -> Any:
        """The value; MISSING if a parameter was not given."""
        ((kind, what),) = source.items()
        if kind == "object":
            found = {name: self.of(inner) for name, inner in what.items()}
            return {name: value for name, value in found.items() if value is not MISSING}
        if kind == "list":
            return [value for inner in what if (value := self.of(inner)) is not MISSING]
        if kind == "param":
            return self._order.params.get(what, MISSING)
        if kind == "target":
            if self._target is None:
                raise Refused("The action asks for a host, but calls once for the whole run.")
            return self._target[what]  # type: ignore[literal-required]
        if kind == "targets":
            return [target["name"] for target in self._order.targets]
        return self._order.number if kind == "ticket" else what

    def segment(self, source: Mapping[str, Any]) -> str:
        """The value as one segment of a path, which it cannot leave. Raises Refused."""
        text = _plain(self.of(source))
        if text in ("", ".", ".."):
            raise Refused(f"{text!r} cannot be part of an address.")
        return quote(text, safe="")


def _plain(value: Any) -> str:
    if value is MISSING or isinstance(value, (dict, list)) or value is None:
        raise Refused("Only a text or a number can be part of an address.")
    return str(value).lower() if isinstance(value, bool) else str(value)
