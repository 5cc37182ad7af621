"""Webhooks: one POST that notifies a machine of a node. Each attempt sends the same bytes and key (I19)."""

import hashlib
import hmac
import http.client
from typing import Any

import orjson
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from common.egress.allowed_hosts import Refused, find, read
from common.egress.client import post
from notify.channels.errors import ChannelError
from notify.models import Delivery
from notify.models import delivery as kinds
from notify.ports import Channel
from notify.texts.messages import ticket_url
from tickets.commands.webhook import give_up
from tickets.models import Event
from tickets.trail.events import Kind

SETTING = "BATON_WEBHOOK_HOSTS"
LATER = frozenset({408, 425, 429})


def send_webhook(delivery: Delivery) -> str:
    """POST to the delivery's address if the settings allow it. Raises ChannelError."""
    body = orjson.dumps(document(delivery.happened))
    try:
        place, target = find(read(settings.WEBHOOK_HOSTS), delivery.address, SETTING)
        status = post(place, target, body, _headers(delivery.happened, body))
    except Refused as error:
        raise ChannelError(str(error), permanent=True) from error
    except (OSError, http.client.HTTPException) as error:
        raise ChannelError(f"webhook host: {type(error.__cause__ or error).__name__}", is_down=True) from error
    if not 200 <= status < 300:
        raise ChannelError(_problem(status), permanent=status < 500 and status not in LATER)
    return str(status)


def problem_of(url: str) -> str:
    """Why the current settings refuse a webhook to this URL; "" if they allow it."""
    try:
        find(read(settings.WEBHOOK_HOSTS), url, SETTING)
    except Refused as error:
        return str(error)
    return ""


def to_same_host(delivery: Delivery) -> Q:
    """The webhooks to the same host: each host is a dependency of its own (F42)."""
    origin = "/".join(delivery.address.split("/")[:3])
    return Q(address=origin) | Q(address__startswith=f"{origin}/") | Q(address__startswith=f"{origin}?")


def _given_up(delivery: Delivery, reason: str) -> None:
    """Record in the ticket that its webhook was not delivered."""
    give_up(requested=delivery.happened, reason=reason, at=timezone.now())


def document(event: Event) -> dict[str, Any]:
    """The JSON document of a webhook: the ticket, the node, and the template's own `body`."""
    ticket, data = event.ticket, Kind.WEBHOOK_REQUESTED.of(event)
    return {
        "id": key(event),
        "at": event.at.isoformat(),
        "number": ticket.number,
        "title": ticket.title,
        "template": ticket.template_version.template.key,
        "applicant": ticket.applicant.username,
        "node": data["node"],
        "round": data["round"],
        "url": ticket_url(ticket),
        "body": data.get("body") or {},
    }


def key(event: Event) -> str:
    """The idempotency key, by which a receiver detects a repeated request."""
    return f"{event.ticket.number}-{event.seq}"


def signature(body: bytes, secret: str) -> str:
    """`sha256=` and the HMAC-SHA256 of the body in hex."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def _headers(event: Event, body: bytes) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "User-Agent": "Baton", "Idempotency-Key": key(event)}
    if secret := settings.WEBHOOK_SECRET:
        headers["X-Baton-Signature"] = signature(body, secret)
    return headers


def _problem(status: int) -> str:
    if 300 <= status < 400:
        return f"answered {status}: redirects are not followed"
    return f"answered {status}"


WEBHOOK = Channel(
    kind=kinds.WEBHOOK,
    dependency="webhook",
    send=send_webhook,
    is_always_sent=True,
    same_place=to_same_host,
    given_up=_given_up,
)
