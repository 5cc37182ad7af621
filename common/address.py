"""The client address of a request."""

import ipaddress
import logging

from django.conf import settings
from django.http import HttpRequest

logger = logging.getLogger("baton.address")
_is_noticed = False


def client_address(request: HttpRequest) -> str:
    """The caller's IP address: the peer's, or what the outermost of our BATON_PROXY_COUNT reverse proxies saw.

    What the caller wrote into X-Forwarded-For stands further left and is never trusted (A46). "" if none of it is an
    IP address.
    """
    _notice(request)
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    seen = [request.META.get("REMOTE_ADDR") or "", *reversed(hops)]
    return _plain(seen[min(settings.PROXY_COUNT, len(seen) - 1)]) or _plain(seen[0])


def _notice(request: HttpRequest) -> None:
    """Log once in each process that a proxy forwards requests although none is declared."""
    global _is_noticed  # noqa: PLW0603 (once per process)
    if settings.PROXY_COUNT == 0 and not _is_noticed and request.headers.get("X-Forwarded-For"):
        _is_noticed = True
        logger.warning("proxy.undeclared", extra={"peer": request.META.get("REMOTE_ADDR", "")})


def _plain(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""
