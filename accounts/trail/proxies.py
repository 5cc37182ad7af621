"""Decide whether a proxy is valid, by its trail and not by its row (I11, A13, A32).

People who made or changed a proxy for somebody else cannot act through it: administrators cannot take a colleague's
right to sign, not even by naming themselves as agent for a while. A row that differs from its trail, or has none, was
not written by us and gives no rights.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypedDict

from django.db.models import OuterRef, Subquery

from accounts.models import AdminEvent, Proxy, User
from accounts.trail.acts import Kind, body_of
from common.chain import is_linked

logger = logging.getLogger("baton.proxies")
FACTS = ("principal", "agent", "starts_at", "ends_at", "templates", "reason", "revoked_at")


class Standing(TypedDict):
    """What a ticket's event stores of the proxy that was used.

    id: the proxy's. made_by: usernames of those who made or changed it. act, hash: its newest act in the trail.
    """

    id: int
    made_by: list[str]
    act: int
    hash: str


def facts(proxy: Proxy) -> dict[str, Any]:
    """What the trail stores of a proxy, as plain JSON."""
    return {
        "principal": proxy.principal.username,
        "agent": proxy.agent.username,
        "starts_at": _moment(proxy.starts_at),
        "ends_at": _moment(proxy.ends_at),
        "templates": proxy.templates,
        "reason": proxy.reason,
        "revoked_at": _moment(proxy.revoked_at),
    }


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None


def standing(agent: User, principal: User, template: str, at: datetime) -> Standing | None:
    """The proxy by which this agent may act for this principal at `at` on tickets of this template, or None."""
    held = Proxy.objects.active(at).covering(template).filter(agent=agent, principal=principal)
    for proxy in held.select_related("principal", "agent").order_by("pk"):
        acts = acts_of(proxy)
        if is_sound(proxy, acts):
            made_by = list(dict.fromkeys(act.actor.username for act in acts if act.actor))
            return Standing(id=proxy.pk, made_by=made_by, act=acts[-1].seq, hash=acts[-1].hash)
        logger.error("proxy.not_sound", extra={"proxy": proxy.pk})
    return None


def acts_of(proxy: Proxy) -> list[AdminEvent]:
    """The acts about this proxy, oldest first; `previous` is the hash of the preceding act of the whole trail."""
    before = AdminEvent.objects.filter(seq=OuterRef("seq") - 1).values("hash")
    acts = AdminEvent.objects.filter(about=proxy.about).select_related("actor").order_by("seq")
    return list(acts.annotate(previous=Subquery(before)))


def is_sound(proxy: Proxy, acts: Sequence[AdminEvent]) -> bool:
    """Whether row and trail agree, the trail is authentic, and the agent has neither made nor changed the proxy."""
    if not acts or acts[0].kind != Kind.PROXY_GRANTED:
        return False
    if any(act.actor_id == proxy.agent_id for act in acts):
        return False
    return all(_is_ours(act) for act in acts) and facts_told(acts[-1]) == facts(proxy)


def facts_told(act: AdminEvent) -> dict[str, Any]:
    """The proxy's values after this act."""
    return {key: act.data.get(key) for key in FACTS}


def _is_ours(act: Any) -> bool:
    previous = act.previous if act.seq > 1 else ""
    return previous is not None and is_linked(body_of(act), previous, act.hash)
